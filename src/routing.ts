// Makes the router of an installation from its settings.
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Log } from "./observe/log.ts";
import { Router } from "./router/router.ts";
import { normalised, objectives } from "./router/score.ts";

export function createRouter({ config, clock, log }: { config: Config; clock: Clock; log: Log }): Router {
  return new Router({
    clock,
    weights: typeof config.routing === "string" ? objectives[config.routing] : normalised(config.routing),
    breaker: { enabled: config.breakers },
    onCredential: ({ id }, trouble) => {
      if (trouble === null) log.info("a provider takes its credential again", { credential: id });
      else log.error("a provider refuses its credential, which is left alone for a while", { credential: id, trouble });
    },
  });
}
