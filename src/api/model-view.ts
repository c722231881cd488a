// A model in a list, in OpenAI's shape with the catalogue's facts beside it.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { operations } from "../gateway/operations.ts";
import { type Pools, poolOf } from "../vault/pools.ts";
import type { Allowed } from "./allowed.ts";
import type { ApiDeps } from "./deps.ts";

/** What a list is made from, for one caller. */
export interface Listing extends Pick<ApiDeps, "catalog" | "aliases"> {
  /** What the caller's calls may be sent with. */
  readonly pools: Pools;
  readonly allowed: Allowed;
}

export interface ModelView {
  readonly id: string;
  readonly object: "model";
  /** Epoch seconds of the release; 0 when unknown (OpenAI's shape wants a number). */
  readonly created: number;
  readonly owned_by: string;
  readonly name: string;
  readonly context_length: number | null;
  readonly max_output_tokens: number | null;
  readonly input_modalities: readonly string[];
  readonly output_modalities: readonly string[];
  /** USD per million tokens, as exact decimal text, at the cheapest provider; null when unknown. */
  readonly pricing: { readonly input: string; readonly output: string } | null;
  readonly providers: readonly string[];
  /** What it can be called for: `chat`, `embeddings`, `rerank`, … */
  readonly endpoints: readonly string[];
}

/** A model of the catalogue, by its callable rows. */
export function modelView(canonical: string, rows: readonly ModelFacts[], listing: Listing): ModelView {
  const [first] = rows;
  const priced = rows
    .filter((row) => row.prices?.input !== undefined && row.prices.output !== undefined && !row.zeroPrice)
    .toSorted((a, b) => Number(a.prices?.input) - Number(b.prices?.input))[0];
  const released = Date.parse(first?.releaseDate ?? "");
  return {
    id: canonical,
    object: "model",
    created: Number.isNaN(released) ? 0 : Math.floor(released / 1000),
    owned_by: canonical.slice(0, Math.max(0, canonical.indexOf("/"))),
    name: first?.name ?? canonical,
    context_length: largest(rows.map((row) => row.contextWindow)),
    max_output_tokens: largest(rows.map((row) => row.maxOutputTokens)),
    input_modalities: first?.inputModalities ?? [],
    output_modalities: first?.outputModalities ?? [],
    pricing:
      priced?.prices?.input === undefined || priced.prices.output === undefined
        ? null
        : { input: priced.prices.input, output: priced.prices.output },
    providers: [...new Set(rows.map((row) => row.provider))],
    endpoints: [...new Set(rows.flatMap((row) => endpointsOf(row, listing)))],
  };
}

function largest(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

/** What a row can be called for here: by its mode, by what its provider is connected for, and by what the caller may call. */
export function endpointsOf(row: ModelFacts, { pools, allowed }: Listing): readonly string[] {
  const provider = poolOf(row, pools)[0]?.provider;
  if (provider === undefined) return [];
  const served = row.mode === "chat" && provider.dialect !== null ? ["chat"] : [];
  for (const [operation, facts] of Object.entries(operations)) {
    if (!Object.hasOwn(provider.endpoints, operation) || !facts.fits(row)) continue;
    // Chat models may be tried for legacy completions, but only those that are made for them are said to do it.
    if (operation !== "completions" || row.mode === "completion") served.push(operation);
  }
  return served.filter((name) => allowed.endpoint(name));
}
