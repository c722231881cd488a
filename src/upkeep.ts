// Upkeep: what a gateway does for itself once a minute. It keeps what it has measured for the next run, and tells operators of
// deployments that stay down.
import type { Clock } from "./clock.ts";
import type { Alerts } from "./observe/alerts.ts";
import type { Log } from "./observe/log.ts";
import type { CredentialTrouble } from "./router/credential-health.ts";
import type { Measures } from "./router/measures.ts";
import { readSnapshot, writeSnapshot } from "./router/snapshot.ts";
import type { Store } from "./store/port.ts";
import type { Connection } from "./vault/credentials.ts";

export interface UpkeepDeps {
  readonly measures: Measures;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly alerts: Alerts;
  readonly store: Pick<Store, "snapshots" | "alerts">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Upkeep {
  /** Takes up what the last run left. Rejects when the database does not answer. */
  begin(): Promise<void>;
  /** To be called once a minute, and before the end. Rejects when the database does not take a write. */
  tend(): Promise<void>;
}

/** How often upkeep is due. */
export const upkeepMs = 60_000;

const snapshotName = "measures";
/** A deployment whose probes have failed for so long is told of. */
const longOutageMs = 60_000;
/** And one that was not tried for so long is told of no more. */
const unaskedMs = 24 * 60 * 60 * 1_000;
const deploymentDown = "deployment_down";
/** The alerts of credentials, by what is wrong with them. */
export const credentialAlerts: Readonly<Record<CredentialTrouble, string>> = {
  authentication: "credential_refused",
  quota: "credential_exhausted",
};

export function createUpkeep({ measures, connections, alerts, store, clock, log }: UpkeepDeps): Upkeep {
  /** Deployments whose alert is open, by their ids, with how often they had been tried when that last changed. */
  const down = new Map<string, { readonly attempts: number; readonly atMs: number }>();
  let savedAttempts = 0;

  /** A snapshot that can't be used costs what a first start costs: it is never a reason not to start. */
  async function restoreMeasures(): Promise<void> {
    const snapshot = await store.snapshots.load(snapshotName);
    if (snapshot === null) return;
    const read = readSnapshot(snapshot.value, clock.now());
    if (read === null) log.warn("what the last run has measured can't be read, and is left aside");
    else measures.restore(read);
  }

  async function saveMeasures(): Promise<void> {
    let attempts = 0;
    for (const statistics of measures.deployments().values()) attempts += statistics.attempts;
    if (attempts === savedAttempts) return;
    const nowMs = clock.now();
    await store.snapshots.save(snapshotName, { value: writeSnapshot(measures.snapshot(nowMs)), savedAtMs: nowMs });
    savedAttempts = attempts;
  }

  /** Alerts of the last run stay open until this one sees that they are over, or nobody can any more. */
  async function takeUpAlerts(): Promise<void> {
    for (const [trouble, kind] of Object.entries(credentialAlerts) as [CredentialTrouble, string][]) {
      for (const subject of await openSubjects(kind)) {
        const connection = connections.get(subject);
        if (connection === undefined) alerts.resolve(kind, subject);
        else measures.ofCredential(connection).trouble = trouble;
      }
    }
    for (const subject of await openSubjects(deploymentDown)) {
      if (connections.has(subject.slice(0, subject.indexOf("/"))))
        down.set(subject, { attempts: 0, atMs: clock.now() });
      else alerts.resolve(deploymentDown, subject);
    }
  }

  async function openSubjects(kind: string): Promise<readonly string[]> {
    const { data } = await store.alerts.list({ open: true, kind, limit: 1_000 });
    return data.map(({ subject }) => subject);
  }

  function lookForOutages(): void {
    for (const [id, { breaker, lastContentAtMs }] of measures.deployments()) {
      if (breaker.outageMs >= longOutageMs && !down.has(id)) {
        down.set(id, { attempts: 0, atMs: clock.now() });
        const minutes = Math.floor(breaker.outageMs / 60_000);
        const message = `${id} has answered nothing for ${minutes} min or more. Calls go elsewhere where they can.`;
        alerts.raise(deploymentDown, id, message);
      } else if (breaker.openUntilMs === null && lastContentAtMs > 0 && down.delete(id)) {
        alerts.resolve(deploymentDown, id);
      }
    }
  }

  /** Whether one that nobody asks for any more would answer is not to be known. */
  function forgetUnasked(): void {
    const nowMs = clock.now();
    for (const [id, last] of down) {
      const attempts = measures.deployments().get(id)?.attempts ?? 0;
      if (attempts !== last.attempts) down.set(id, { attempts, atMs: nowMs });
      else if (nowMs - last.atMs >= unaskedMs && down.delete(id)) alerts.resolve(deploymentDown, id);
    }
  }

  return {
    async begin() {
      await restoreMeasures();
      await takeUpAlerts();
    },
    async tend() {
      lookForOutages();
      forgetUnasked();
      await alerts.flush();
      await saveMeasures();
    },
  };
}
