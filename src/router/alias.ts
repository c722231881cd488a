// Alias: a name of the operator's own for one or several models, with rules on the call that decide which.
import type { Objective, Preferences, Weights } from "./ask.ts";

/** A model that an alias stands for. */
export interface AliasTarget {
  /** A model's name as a caller would write it, or another alias. */
  readonly model: string;
  /** Its share in a `weighted` alias, and among near-equals elsewhere. */
  readonly weight: number;
}

/**
 * How targets are chosen among. `ordered`: the first that works. `weighted`: each its share of the calls (canary, A/B), the
 * others as fallbacks. `least_busy`: the fewest calls under way. Else all deployments of all targets compete by that objective.
 */
export type Strategy = "ordered" | "weighted" | "least_busy" | Objective | Weights;

/** What a rule asks of a call; all members that are there must hold. */
export interface Condition {
  /** Estimated tokens of the prompt. */
  readonly inputTokens?: { readonly above?: number; readonly atMost?: number };
  readonly tools?: boolean;
  readonly jsonSchema?: boolean;
  readonly images?: boolean;
  readonly documents?: boolean;
  readonly audio?: boolean;
  readonly video?: boolean;
  readonly reasoning?: boolean;
  readonly stream?: boolean;
  /** `chat`, `embeddings`, … */
  readonly operations?: readonly string[];
  /** Values of the request's `metadata`; `*` matches any part of a value. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Values of the key's metadata, in the same way. */
  readonly keyMetadata?: Readonly<Record<string, string>>;
  /** Ids of which one must match, with `*` too. */
  readonly customers?: readonly string[];
  readonly projects?: readonly string[];
}

export interface AliasRoute {
  readonly targets: readonly AliasTarget[];
  readonly strategy: Strategy;
  /** Who always meets the same target of a `weighted` alias: each user, each conversation, or nobody. */
  readonly sticky: "user" | "conversation" | null;
  /** Models to try when no target works, in order. */
  readonly fallbacks: readonly string[];
  /** Restricts the caller's own preferences further; null when the alias has none. */
  readonly preferences: Pick<
    Preferences,
    "only" | "ignore" | "quantizations" | "denyDataCollection" | "zeroDataRetention" | "maxPrice"
  > | null;
}

export interface Alias extends AliasRoute {
  readonly name: string;
  /** The first whose condition holds is taken instead of the alias's own route; it stands for itself alone. */
  readonly rules: readonly { readonly when: Condition; readonly route: AliasRoute }[];
}

/** The aliases in force. */
export interface Aliases {
  /** Exactly as written; undefined when there is none of this name. */
  get(name: string): Alias | undefined;
  list(): readonly Alias[];
}

/** Where there are none. */
export const noAliases: Aliases = { get: () => undefined, list: () => [] };
