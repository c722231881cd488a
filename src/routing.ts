// Makes the router of an installation from its settings.
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Alerts } from "./observe/alerts.ts";
import type { Log } from "./observe/log.ts";
import type { CredentialTrouble } from "./router/credential-health.ts";
import { Router } from "./router/router.ts";
import { normalised, objectives } from "./router/score.ts";
import { credentialAlerts } from "./upkeep.ts";
import type { Connection } from "./vault/credentials.ts";

export interface RoutingDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly alerts: Alerts;
}

export function createRouter({ config, clock, log, alerts }: RoutingDeps): Router {
  return new Router({
    clock,
    weights: typeof config.routing === "string" ? objectives[config.routing] : normalised(config.routing),
    breaker: { enabled: config.breakers },
    onCredential: (connection, trouble) => {
      const { id } = connection;
      if (trouble === null) {
        for (const kind of Object.values(credentialAlerts)) alerts.resolve(kind, id);
        log.info("a provider takes its credential again", { credential: id });
        return;
      }
      alerts.raise(credentialAlerts[trouble], id, explain(connection, trouble));
      log.error("a provider refuses its credential, which is left alone for a while", { credential: id, trouble });
    },
  });
}

function explain({ id, provider }: Connection, trouble: CredentialTrouble): string {
  switch (trouble) {
    case "authentication":
      return `${provider.name} does not take the credential \`${id}\`. It is tried again now and then. Replace it if it was revoked.`;
    case "quota":
      return `${provider.name} says that the account of the credential \`${id}\` has no quota left. It is tried again now and then.`;
  }
}
