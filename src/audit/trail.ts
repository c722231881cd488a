// The trail: takes events, settles what dead processes left open, and signs checkpoints.
import type { AuditStore } from "../store/port-audit.ts";
import { type Append, createAppend, type Item, inGroups, type Place } from "./append.ts";
import { untilDone } from "./busy.ts";
import { type Checkpoint, checkpointAction, checkpointHash, isSigned, readCheckpoint, signed } from "./checkpoint.ts";
import type { AuditEntry } from "./entry.ts";
import type { AuditEvent, Trail } from "./event.ts";
import { createFolds } from "./fold.ts";
import type { AuditSigner } from "./key.ts";

export interface TrailDeps {
  readonly store: AuditStore;
  readonly signer: AuditSigner;
  now(): number;
  newId(prefix: string): string;
  /** Told of failures that nobody waits for. */
  onError(error: unknown): void;
  /** Told when the trail's end was tampered with. */
  onBroken(found: string): void;
  /** Keeps checkpoints outside the database too, once they stand in the trail. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
  /** Told of writes that nobody waits for, where the runtime must be asked to let them end. */
  readonly outlast?: (writing: Promise<void>) => void;
  /** Where promises may not be shared between requests (Workers), each event is appended on its own. */
  readonly alone?: boolean;
}

export interface AuditTrail extends Trail {
  readonly signer: AuditSigner;
  /** Appends events at their places, as the trail's own rooms need it. */
  readonly append: Append;
  /** Writes what was counted and settles what was left open. To be called once a minute. */
  tend(): Promise<void>;
  /** Signs the trail's present end, where anything has been added since the last time. Resolves to the checkpoint. */
  checkpoint(): Promise<Checkpoint | null>;
  /** Writes what was counted, and signs. */
  close(): Promise<void>;
}

/** After so many entries, or so long after the first one, a checkpoint is due. */
const checkpointEntries = 1_000;
const checkpointMs = 5 * 60_000;
/** A change that has not ended by then was interrupted. No request of administrators takes so long. */
export const interruptedAfterMs = 5 * 60_000;
const settledAtOnce = 500;

export function createTrail(deps: TrailDeps): AuditTrail {
  const { store, signer, now, onError } = deps;
  const single = createAppend({ store, signer, now, onBroken: deps.onBroken });
  const append = deps.alone ? single : inGroups(single);
  const record = (event: AuditEvent): Promise<void> => append([{ event }]);
  const folds = createFolds({
    write: record,
    now,
    onError,
    ...(deps.outlast !== undefined && { outlast: deps.outlast }),
  });

  async function settleInterrupted(): Promise<void> {
    const left = await store.intents(now() - interruptedAfterMs, settledAtOnce);
    const items = left.map(({ id, atMs, event }): Item => {
      const told = JSON.parse(event) as Omit<AuditEvent, "outcome">;
      return { event: { ...told, outcome: "unknown", reason: "interrupted", sinceMs: atMs }, settles: id };
    });
    if (items.length > 0) await append(items);
  }

  async function checkpoint(): Promise<Checkpoint | null> {
    let made: Checkpoint | null = null;
    const event = async (after: Place): Promise<AuditEvent | null> => {
      made = null;
      const before = await lastCheckpoint(store, signer);
      const from = before?.seq ?? 0;
      // The entry that holds the last checkpoint is nothing new.
      if (after.seq <= (before === null ? 0 : from + 1)) return null;
      made = signed(
        {
          type: "turnpike.audit.checkpoint/1" as const,
          kid: signer.kid,
          seq: after.seq,
          hash: after.hash,
          count: after.seq - from,
          at: new Date(now()).toISOString(),
          previous: before === null ? null : checkpointHash(before),
        },
        signer.sign,
      );
      return { ...bySystem, action: checkpointAction, after: made };
    };
    await append([{ event }]);
    if (made !== null) await deps.onCheckpoint?.(made);
    return made;
  }

  /** Whether enough was added, or something was added long enough ago. */
  async function isCheckpointDue(): Promise<boolean> {
    const { head } = await store.end();
    const before = await lastCheckpoint(store, signer);
    const added = (head?.seq ?? 0) - (before === null ? 0 : before.seq + 1);
    if (added <= 0) return false;
    return added >= checkpointEntries || before === null || now() - Date.parse(before.at) >= checkpointMs;
  }

  return {
    signer,
    append,
    record,
    fold: folds.add,
    async begin(event) {
      const id = deps.newId("intent");
      const intent = { id, atMs: now(), event: JSON.stringify(event) };
      await untilDone(() => store.intend(intent).then(() => true));
      return {
        end: (ending) => append([{ event: { ...event, ...ending }, settles: id }]),
        cancel: () => untilDone(() => store.forget(id).then(() => true)),
      };
    },
    async tend() {
      await folds.flush();
      await settleInterrupted();
      if (await isCheckpointDue()) await checkpoint();
    },
    checkpoint,
    async close() {
      await folds.flush({ all: true });
      await checkpoint();
    },
  };
}

/** The actor of what the gateway does by itself. */
export const bySystem = { actor: { type: "system", id: "" }, target: null, outcome: "success" } as const;

/** The last checkpoint that stands in the trail and that the trail's key has signed. */
export async function lastCheckpoint(
  store: Pick<AuditStore, "latest">,
  signer: AuditSigner,
): Promise<Checkpoint | null> {
  const row = await store.latest(checkpointAction);
  if (row === null) return null;
  const checkpoint = readCheckpoint((JSON.parse(row.body) as AuditEntry).after);
  return checkpoint !== null && isSigned(checkpoint, signer) ? checkpoint : null;
}
