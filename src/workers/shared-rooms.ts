// The rooms of providers' credentials, counted by all workers together: what one of them begins and ends it tells the others.
import { CredentialRoom, type RoomLimits } from "../limits/credential-room.ts";
import type { Room } from "../vault/terms.ts";

/** What a worker has begun, or has ended, with a credential. */
export interface RoomUse {
  readonly credential: string;
  readonly kind: "begun" | "ended";
  readonly atMs: number;
  /** Of calls that have ended. */
  readonly tokens: number;
}

export interface SharedRooms {
  /** The room of a credential from now on, with these limits. */
  open(credential: string, limits: RoomLimits): Room;
  /** Another worker has used a credential. */
  hear(uses: readonly RoomUse[]): void;
}

/** The rooms of a worker. A call of another one is counted as soon as that has told of it: some milliseconds later. */
export function shareRooms(tell: (use: RoomUse) => void): SharedRooms {
  /** `others`: calls of other workers under way, as far as this room knows. */
  const rooms = new Map<string, { readonly room: CredentialRoom; others: number }>();
  return {
    open(credential, limits) {
      const room = new CredentialRoom(limits);
      rooms.set(credential, { room, others: 0 });
      return {
        freeAtMs: (nowMs) => room.freeAtMs(nowMs),
        begin(nowMs) {
          room.begin(nowMs);
          tell({ credential, kind: "begun", atMs: nowMs, tokens: 0 });
        },
        end(tokens, nowMs) {
          room.end(tokens, nowMs);
          tell({ credential, kind: "ended", atMs: nowMs, tokens });
        },
      };
    },
    hear(uses) {
      for (const { credential, kind, atMs, tokens } of uses) {
        const known = rooms.get(credential);
        // The end of a call whose beginning was before this room is none of its ends.
        if (known === undefined || (kind === "ended" && known.others === 0)) continue;
        known.others += kind === "begun" ? 1 : -1;
        if (kind === "begun") known.room.begin(atMs);
        else known.room.end(tokens, atMs);
      }
    },
  };
}

/** What of it the keeper remembers, for workers that begin and those that end. */
export interface RoomBook {
  note(worker: number, use: RoomUse): void;
  /** A worker is gone. @returns the ends of its calls, as far as anybody can tell. */
  leave(worker: number, nowMs: number): readonly RoomUse[];
  /** All that still counts of what others have used, for a worker that begins. */
  present(worker: number, nowMs: number): readonly RoomUse[];
}

interface Noted {
  worker: number;
  readonly use: RoomUse;
}

/** Limits are of a minute. */
const keptMs = 60_000;
/** Uses after which those that are too old are let go of. */
const tidyAfter = 10_000;
/** The number of those that are gone. */
const gone = 0;

export function openRoomBook(): RoomBook {
  /** Oldest first. */
  let notes: Noted[] = [];

  /** Lets go of what no window holds any more, but for the beginnings of calls that still run. */
  const tidy = (nowMs: number): void => {
    const first = notes.findIndex(({ use: { atMs } }) => atMs > nowMs - keptMs);
    const kept = first === -1 ? [] : notes.slice(first);
    const old = first === -1 ? notes : notes.slice(0, first);
    notes = [...underway(old, nowMs - keptMs, "begun"), ...kept];
  };

  return {
    note(worker, use) {
      notes.push({ worker, use });
      if (notes.length % tidyAfter === 0) tidy(use.atMs);
    },
    leave(worker, nowMs) {
      const own = notes.filter((note) => note.worker === worker);
      const ended = underway(own, nowMs, "ended");
      for (const note of own) note.worker = gone;
      notes.push(...ended.map(({ use }) => ({ worker: gone, use })));
      return ended.map(({ use }) => use);
    },
    present(worker, nowMs) {
      tidy(nowMs);
      return notes.filter((note) => note.worker !== worker).map(({ use }) => use);
    },
  };
}

/** For each call that has begun among these uses and has not ended, a use of this kind. */
function underway(notes: readonly Noted[], atMs: number, kind: RoomUse["kind"]): readonly Noted[] {
  const counts = new Map<string, { readonly worker: number; readonly credential: string; count: number }>();
  for (const { worker, use } of notes) {
    const { credential } = use;
    const name = `${worker} ${credential}`;
    const one = counts.get(name) ?? { worker, credential, count: 0 };
    one.count += use.kind === "begun" ? 1 : -1;
    counts.set(name, one);
  }
  return [...counts.values()].flatMap(({ worker, credential, count }) =>
    Array.from({ length: count }, () => ({ worker, use: { credential, kind, atMs, tokens: 0 } })),
  );
}
