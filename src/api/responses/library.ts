// The library of responses to which later calls may refer: those whose content is kept here, sealed and packed, and notes of
// those that a provider keeps.
import type { Clock } from "../../clock.ts";
import type { ResponseRecord, ResponseStore } from "../../store/port-responses.ts";
import { pack, unpack } from "../../vault/pack.ts";
import type { Sealer } from "../../vault/seal.ts";
import { type Item, lengthOf } from "./items.ts";

/** What a response was given and what it answered. */
export interface Content {
  /** The items of its own turn: those of earlier ones lie with theirs. */
  readonly input: readonly Item[];
  /** The response itself, as the client was told it. */
  readonly response: Item;
}

/** Whose response it is, and where it stands. */
export interface Place {
  readonly id: string;
  readonly customer: string;
  readonly keyId: string;
  readonly previousId: string | null;
}

/** A conversation up to a response. */
export type Conversation =
  /** Nothing of this name is known, or not any more. */
  | { readonly kind: "unknown" }
  /** An earlier response of it was removed. */
  | { readonly kind: "broken" }
  /** It is longer than a request may be. */
  | { readonly kind: "too_long" }
  /** The provider of a connection keeps it. */
  | { readonly kind: "elsewhere"; readonly keeper: string }
  | { readonly kind: "here"; readonly items: readonly Item[] };

export interface LibraryDeps {
  readonly responses: ResponseStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly retentionMs: number;
  /** The most items of a conversation as JSON, UTF-16 units: as many as a client could send itself. */
  readonly maxLength: number;
}

/** OpenAI, Azure and xAI keep responses for 30 days. */
const elsewhereMs = 30 * 24 * 60 * 60 * 1000;
const mostTurns = 10_000;

export class Library {
  readonly #deps: LibraryDeps;

  constructor(deps: LibraryDeps) {
    this.#deps = deps;
  }

  get maxLength(): number {
    return this.#deps.maxLength;
  }

  /** Keeps a response with its content; resolves when that is durable. False when it is too long, or its id is taken. */
  async keep(place: Place, content: Content): Promise<boolean> {
    const { responses, sealer, clock, retentionMs } = this.#deps;
    const length = lengthOf(content.input) + lengthOf(outputOf(content));
    if (length > this.maxLength) return false;
    const sealed = sealer.seal(await pack(content), sealOf(place));
    const createdAtMs = clock.now();
    const record = { ...place, keeper: null, length, createdAtMs, expiresAtMs: createdAtMs + retentionMs };
    return responses.put(record, sealed);
  }

  /** Notes that a provider keeps a response; resolves when that is durable. */
  async note(place: Omit<Place, "previousId">, keeper: string): Promise<void> {
    const createdAtMs = this.#deps.clock.now();
    const times = { createdAtMs, expiresAtMs: createdAtMs + elsewhereMs };
    await this.#deps.responses.put({ ...place, previousId: null, keeper, length: 0, ...times }, null);
  }

  /** Those of these responses that the customer has, by id. */
  async find(customer: string, ids: readonly string[]): Promise<ReadonlyMap<string, ResponseRecord>> {
    const found = await this.#deps.responses.find(customer, ids);
    return new Map(found.filter((record) => this.#lives(record)).map((record) => [record.id, record]));
  }

  /** The contents of responses that are kept here, in their order. */
  async read(records: readonly ResponseRecord[]): Promise<readonly Content[]> {
    const contents = await this.#deps.responses.contents(records.map(({ id }) => id));
    return Promise.all(
      records.map((record) => {
        const sealed = contents.get(record.id);
        if (sealed === undefined) throw new Error("a response that is kept here has no content");
        return unpack<Content>(this.#deps.sealer.open(sealed, sealOf(record)));
      }),
    );
  }

  /** The response and those before it that are still there, the latest first. */
  async history(customer: string, id: string): Promise<readonly ResponseRecord[]> {
    const [latest, ...earlier] = await this.#deps.responses.chain(customer, id, mostTurns);
    return latest === undefined || !this.#lives(latest) ? [] : [latest, ...earlier];
  }

  /** What a call that goes on from this response goes on from. */
  async conversation(customer: string, id: string): Promise<Conversation> {
    const records = await this.history(customer, id);
    const [latest] = records;
    if (latest === undefined) return { kind: "unknown" };
    if (latest.keeper !== null) return { kind: "elsewhere", keeper: latest.keeper };
    if (records.at(-1)?.previousId !== null) return { kind: "broken" };
    if (records.reduce((sum, { length }) => sum + length, 0) > this.maxLength) return { kind: "too_long" };
    const turns = await this.read(records.toReversed());
    return { kind: "here", items: turns.flatMap((turn) => [...turn.input, ...outputOf(turn)]) };
  }

  /** False when the customer has no such response. */
  remove(customer: string, id: string): Promise<boolean> {
    return this.#deps.responses.remove(customer, id);
  }

  #lives({ expiresAtMs }: ResponseRecord): boolean {
    return expiresAtMs > this.#deps.clock.now();
  }
}

/** The items that a response answered. */
export function outputOf({ response }: Content): readonly Item[] {
  return Array.isArray(response.output) ? response.output : [];
}

function sealOf({ id, customer }: Pick<Place, "id" | "customer">): string {
  return JSON.stringify([customer, id]);
}
