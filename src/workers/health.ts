// Health: what workers have found out about deployments and credentials, told to each other when it changes.
import type { Opening } from "../router/breaker.ts";
import type { CredentialTrouble } from "../router/credential-health.ts";
import type { Measures } from "../router/measures.ts";
import type { Figures, Statistics } from "../router/statistics.ts";
import type { LiveConnections } from "../vault/live-connections.ts";

/** What has changed, by which others go. */
export interface Health {
  readonly deployments: readonly DeploymentState[];
  readonly credentials: readonly CredentialState[];
}

export interface DeploymentState {
  /** As `deploymentId` has it. */
  readonly id: string;
  readonly opening: Opening | null;
  /** Its provider has asked to be left alone until then. */
  readonly pausedUntilMs: number;
}

export interface CredentialState {
  readonly id: string;
  readonly trouble: CredentialTrouble | null;
  readonly pausedUntilMs: number;
}

/** What was counted of deployments, by their ids: for those who look. */
export type Counts = readonly (readonly [id: string, figures: Figures])[];

/** How often a worker looks for what it has found out. */
export const healthMs = 250;

export interface HealthWatch {
  /** What this process has found out since it was last asked; null for nothing. */
  changes(): Health | null;
  /** What it has counted since it was last asked; null for nothing. */
  counts(nowMs: number): Counts | null;
  /** What is known of all that is in trouble, for a process that begins. */
  present(): Health;
  /** Takes over what another process has found out. */
  adopt(health: Health): void;
}

export interface Watched {
  readonly measures: Measures;
  readonly connections: Pick<LiveConnections, "current">;
}

export function watchHealth(watched: Watched): HealthWatch {
  const { measures } = watched;
  /** The states that others know, as texts. One that was never in trouble is no news. */
  const deployments = news(textOf({ opening: null, pausedUntilMs: 0 }));
  const credentials = news(textOf({ trouble: null, pausedUntilMs: 0 }));
  const counted = news("");

  const credentialStates = (): CredentialState[] =>
    [...measures.credentials()].map(([id, { trouble, pausedUntilMs }]) => ({ id, trouble, pausedUntilMs }));

  return {
    changes() {
      const health = {
        deployments: [...measures.deployments()].map(stateOf).filter((one) => deployments(one.id, textOf(one))),
        credentials: credentialStates().filter((one) => credentials(one.id, textOf(one))),
      };
      return health.deployments.length + health.credentials.length === 0 ? null : health;
    },
    counts(nowMs) {
      const counts = [...measures.deployments()]
        .filter(([id, { attempts, failures, inFlight, lastContentAtMs }]) =>
          counted(id, [attempts, failures, inFlight, lastContentAtMs].join()),
        )
        .map(([id, statistics]) => [id, statistics.figures(nowMs)] as const);
      return counts.length === 0 ? null : counts;
    },
    present: () => ({
      deployments: [...measures.deployments()].map(stateOf).filter(({ opening }) => opening !== null),
      credentials: credentialStates().filter(({ trouble }) => trouble !== null),
    }),
    adopt(health) {
      for (const { id, opening, pausedUntilMs } of health.deployments) {
        const statistics = statisticsOf(id, watched);
        if (statistics === null) continue;
        statistics.breaker.adopt(opening);
        statistics.headroom.adopt(pausedUntilMs);
        deployments(id, textOf(stateOf([id, statistics])));
      }
      for (const { id, trouble, pausedUntilMs } of health.credentials) {
        const connection = watched.connections.current().get(id);
        if (connection === undefined) continue;
        measures.ofCredential(connection).adopt(trouble, pausedUntilMs);
        credentials(id, textOf({ trouble, pausedUntilMs }));
      }
    },
  };
}

/** Adds up what several workers have counted. */
export interface Census {
  count(worker: number, counts: Counts): void;
  /** A worker is gone: what it counted stays, and it has nothing under way. */
  leave(worker: number): void;
}

/** @param watched of a process that makes no calls of its own. */
export function takeCensus(watched: Watched): Census {
  const byWorker = new Map<number, Map<string, Figures>>();
  const past = new Map<string, Figures>();

  const show = (id: string): void => {
    const all = [past, ...byWorker.values()].flatMap((of) => of.get(id) ?? []);
    const sum = all.reduce((a, b) => together(a, b));
    statisticsOf(id, watched)?.adopt(sum);
  };

  return {
    count(worker, counts) {
      const of = byWorker.get(worker) ?? new Map<string, Figures>();
      byWorker.set(worker, of);
      for (const [id, figures] of counts) {
        of.set(id, figures);
        show(id);
      }
    },
    leave(worker) {
      const of = byWorker.get(worker) ?? new Map<string, Figures>();
      byWorker.delete(worker);
      for (const [id, figures] of of) {
        const before = past.get(id);
        const ended = { ...figures, inFlight: 0 };
        past.set(id, before === undefined ? ended : together(before, ended));
        show(id);
      }
    },
  };
}

/** Counts are added up; of the rest, what was seen last holds. */
function together(a: Figures, b: Figures): Figures {
  const latest = a.lastUsedAtMs > b.lastUsedAtMs ? a : b;
  return {
    ...latest,
    attempts: a.attempts + b.attempts,
    failures: a.failures + b.failures,
    inFlight: a.inFlight + b.inFlight,
    lastContentAtMs: Math.max(a.lastContentAtMs, b.lastContentAtMs),
  };
}

function stateOf([id, { breaker, headroom }]: readonly [string, Statistics]): DeploymentState {
  return { id, opening: breaker.opening, pausedUntilMs: headroom.pausedUntilMs };
}

function textOf({ opening, trouble, pausedUntilMs }: Partial<DeploymentState & CredentialState>): string {
  return JSON.stringify([opening, trouble, pausedUntilMs]);
}

/** Whether a text is another one than the last of its name; `usual` before the first. */
function news(usual: string): (name: string, text: string) => boolean {
  const last = new Map<string, string>();
  return (name, text) => {
    if ((last.get(name) ?? usual) === text) return false;
    last.set(name, text);
    return true;
  };
}

/** By the deployment's id; null when nobody here can call it. */
function statisticsOf(id: string, { measures, connections }: Watched): Statistics | null {
  const slash = id.indexOf("/");
  const connection = connections.current().get(id.slice(0, slash));
  if (connection === undefined) return null;
  return measures.ofDeployment({ connection, model: id.slice(slash + 1), facts: null, traits: {} });
}
