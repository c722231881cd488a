// The library of logged prompts and answers: sealed and packed, until their time is over.
import type { Clock } from "../clock.ts";
import type { PromptLogRecord, PromptLogStore } from "../store/port-prompts.ts";
import { pack, unpack } from "../vault/pack.ts";
import { createSealer } from "../vault/seal.ts";

/** What a call was sent and what it answered, as far as it is kept. */
export interface Logged {
  readonly request: string;
  /** As it was sent: of a stream its events. */
  readonly response: string;
  /** The HTTP status; null when none was sent. */
  readonly status: number | null;
  /** Whether there was more of either than is kept. */
  readonly truncated: boolean;
  readonly redacted: "none" | "secrets" | "personal";
}

export interface PromptLibraryDeps {
  readonly prompts: PromptLogStore;
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
}

export interface PromptLibrary extends Pick<PromptLogStore, "remove"> {
  /** Resolves when it is durable. */
  keep(record: PromptLogRecord, logged: Logged): Promise<void>;
  /** What has not expired, newest first, without what it says. */
  list(query: Parameters<PromptLogStore["list"]>[0]): ReturnType<PromptLogStore["list"]>;
  /** Null when there is none, or not any more. */
  get(id: string): Promise<PromptLogRecord | null>;
  read(id: string): Promise<(PromptLogRecord & { readonly logged: Logged }) | null>;
}

export function openPromptLibrary({ prompts, masterKey, clock }: PromptLibraryDeps): PromptLibrary {
  const sealer = createSealer(masterKey, "turnpike/prompt-logs/1");
  return {
    async keep(record, logged) {
      await prompts.put(record, sealer.seal(await pack(logged), about(record)));
    },
    list: (query) => prompts.list(query, clock.now()),
    get: async (id) => (await prompts.get(id, clock.now()))?.record ?? null,
    async read(id) {
      const found = await prompts.get(id, clock.now());
      if (found === null) return null;
      const { record, sealed } = found;
      return { ...record, logged: await unpack<Logged>(sealer.open(sealed, about(record))) };
    },
    remove: (id) => prompts.remove(id),
  };
}

function about({ id, customer, project }: PromptLogRecord): string {
  return JSON.stringify([customer, project, id]);
}
