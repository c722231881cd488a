// Folding: what strangers may cause as often as they like takes two entries a minute, and no more memory than so many kinds.
import type { AuditEvent } from "./event.ts";

/** How long events of one kind are counted together. */
export const foldMs = 60_000;
/** Kinds in a minute that are told apart; all further ones are counted together, by their action and reason. */
const mostKinds = 100;

interface Counted {
  readonly event: AuditEvent;
  readonly sinceMs: number;
  count: number;
}

export interface Folds {
  add(event: AuditEvent): void;
  /** Writes what was counted and is a minute old, or everything. Rejects when the database takes none of it. */
  flush(options?: { readonly all: boolean }): Promise<void>;
}

/**
 * @param write resolves when the event is durable; it is not waited for while events come.
 * @param outlast told of writes that nobody waits for, where the runtime must be asked to let them end.
 * @param onError told when a first event could not be written; the count has it then.
 */
export function createFolds(deps: {
  write(event: AuditEvent): Promise<void>;
  now(): number;
  onError(error: unknown): void;
  readonly outlast?: (writing: Promise<void>) => void;
}): Folds {
  const counted = new Map<string, Counted>();

  function count(kind: string, event: AuditEvent, first: number): Counted {
    const made = { event, sinceMs: deps.now(), count: first };
    counted.set(kind, made);
    return made;
  }

  return {
    add(event) {
      const kind = kindOf(event);
      const standing = counted.get(kind);
      if (standing !== undefined) {
        standing.count += 1;
        return;
      }
      if (counted.size >= mostKinds) {
        const rest = restOf(event);
        const all = counted.get(kindOf(rest)) ?? count(kindOf(rest), rest, 0);
        all.count += 1;
        return;
      }
      const made = count(kind, event, 0);
      const writing = deps.write(event).catch((error) => {
        made.count += 1;
        deps.onError(error);
      });
      deps.outlast?.(writing);
    },
    async flush({ all } = { all: false }) {
      const before = deps.now() - foldMs;
      for (const [kind, one] of [...counted]) {
        if (!all && one.sinceMs > before) continue;
        counted.delete(kind);
        if (one.count === 0) continue;
        try {
          await deps.write({ ...one.event, count: one.count, sinceMs: one.sinceMs });
        } catch (error) {
          const again = counted.get(kind);
          if (again === undefined) counted.set(kind, one);
          else again.count += one.count;
          throw error;
        }
      }
    },
  };
}

function kindOf({ action, actor, target, outcome, reason, address, hint }: AuditEvent): string {
  return JSON.stringify([action, actor, target, outcome, reason, address, hint]);
}

/** What all further kinds have in common. */
function restOf({ action, outcome, reason }: AuditEvent): AuditEvent {
  const event = { action, actor: { type: "anonymous", id: "" }, target: null, outcome } as const;
  return reason === undefined ? event : { ...event, reason };
}
