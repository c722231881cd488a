// Rows as public sources write them, as facts, and the text of the catalogue's file.
import type {
  Capabilities,
  Decimal,
  ModelFacts,
  PriceMode,
  Prices,
  PriceTier,
  TokenPrices,
  WireOverride,
} from "./facts.ts";
import { type CompactRow, compact } from "./row.ts";

/** One line of the source; absent is unknown. Prices are USD per million tokens, or per unit in `price_other`. */
export interface SourceRow {
  readonly id: string;
  readonly canonical: string;
  readonly provider: string;
  readonly provider_model_id: string;
  readonly mode: ModelFacts["mode"];
  readonly name: string;
  readonly family?: string;
  readonly variant?: readonly string[];
  readonly region_profile?: string;
  readonly context_window?: number;
  readonly max_input_tokens?: number;
  readonly max_output_tokens?: number;
  readonly embedding_dimensions?: number;
  readonly input_modalities: ModelFacts["inputModalities"];
  readonly output_modalities: ModelFacts["outputModalities"];
  readonly capabilities: Readonly<Record<string, boolean>>;
  readonly reasoning_options?: ModelFacts["reasoningOptions"];
  readonly reasoning_field?: string | boolean;
  readonly wire_override?: {
    readonly npm?: string;
    readonly api?: string;
    readonly shape?: string;
    readonly endpoints?: readonly string[];
  };
  readonly price_usd_per_million?: SourcePrices;
  readonly price_tiers?: readonly (SourcePrices & { readonly above_input_tokens: number })[];
  readonly price_modes?: Readonly<
    Record<
      string,
      {
        readonly price_usd_per_million: SourcePrices;
        readonly body?: Readonly<Record<string, string>>;
        readonly headers?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly price_other?: Readonly<Record<string, number>>;
  readonly zero_price: boolean;
  readonly status: ModelFacts["status"];
  readonly release_date?: string;
  readonly retire_date?: string;
  readonly knowledge_cutoff?: string;
  readonly open_weights?: boolean;
  readonly source: "models.dev" | "litellm";
}

export interface SourcePrices {
  readonly input?: number;
  readonly output?: number;
  readonly cache_read?: number;
  readonly cache_write?: number;
  readonly cache_write_1h?: number;
  readonly input_audio?: number;
  readonly output_audio?: number;
  readonly reasoning?: number;
}

/**
 * The catalogue's file: JSON, one row to a line so that changes can be read, providers and models in alphabetical order.
 * `date`: ISO, as of when its newest source is; the newer of two catalogues is used.
 */
export function catalogText(facts: readonly ModelFacts[], date: string): string {
  const byProvider = new Map<string, CompactRow[]>();
  for (const row of [...facts].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))) {
    const rows = byProvider.get(row.provider) ?? [];
    rows.push(compact(row));
    byProvider.set(row.provider, rows);
  }
  const groups = [...byProvider]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([provider, rows]) => `${JSON.stringify(provider)}:[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]`,
    );
  return `{"date":${JSON.stringify(date)},"providers":{\n${groups.join(",\n")}\n}}\n`;
}

/** Facts of one source row. Throws when the row contradicts itself, so that a broken source is never published. */
export function factsOf(source: SourceRow): ModelFacts {
  if (source.id !== `${source.provider}/${source.provider_model_id}`) {
    throw new Error(`${source.id}: the id is not provider/provider_model_id`);
  }
  const wire = source.wire_override ? wireOf(source.wire_override) : undefined;
  const units = source.price_other ? camelPrices(source.price_other) : null;
  return {
    id: source.id,
    canonical: source.canonical,
    provider: source.provider,
    providerModelId: source.provider_model_id,
    variant: source.variant ?? [],
    ...(source.region_profile !== undefined && { regionProfile: source.region_profile }),
    name: source.name,
    ...(source.family !== undefined && { family: source.family }),
    mode: source.mode,
    ...(source.context_window !== undefined && { contextWindow: source.context_window }),
    ...(source.max_input_tokens !== undefined && { maxInputTokens: source.max_input_tokens }),
    ...(source.max_output_tokens !== undefined && { maxOutputTokens: source.max_output_tokens }),
    ...(source.embedding_dimensions !== undefined && { embeddingDimensions: source.embedding_dimensions }),
    inputModalities: source.input_modalities,
    outputModalities: source.output_modalities,
    capabilities: camelKeys(source.capabilities) as Capabilities,
    reasoningOptions: source.reasoning_options ?? [],
    ...(typeof source.reasoning_field === "string" && { reasoningField: source.reasoning_field }),
    ...(wire !== undefined && { wire }),
    prices: pricesOf(source),
    unitPrices: units,
    zeroPrice: source.zero_price,
    status: source.status,
    ...(source.release_date !== undefined && { releaseDate: source.release_date }),
    ...(source.retire_date !== undefined && { retireDate: source.retire_date }),
    ...(source.knowledge_cutoff !== undefined && { knowledgeCutoff: source.knowledge_cutoff }),
    ...(source.open_weights !== undefined && { openWeights: source.open_weights }),
    ...(source.source === "litellm" && { from: source.source }),
  };
}

function pricesOf(source: SourceRow): Prices | null {
  if (source.price_usd_per_million === undefined) return null;
  const tiers: PriceTier[] = (source.price_tiers ?? [])
    .map(({ above_input_tokens, ...prices }) => ({ aboveInputTokens: above_input_tokens, ...camelPrices(prices) }))
    .sort((a, b) => a.aboveInputTokens - b.aboveInputTokens);
  const modes: [string, PriceMode][] = Object.entries(source.price_modes ?? {}).map(([name, mode]) => [
    name,
    {
      ...camelPrices(mode.price_usd_per_million),
      ...(mode.body !== undefined && { body: mode.body }),
      ...(mode.headers !== undefined && { headers: mode.headers }),
    },
  ]);
  const prices: TokenPrices = camelPrices(source.price_usd_per_million);
  return { ...prices, tiers, modes: Object.fromEntries(modes) };
}

/** models.dev names the client package that speaks to such a model, which tells the dialect. */
function wireOf(override: NonNullable<SourceRow["wire_override"]>): WireOverride {
  const dialect = dialectOf(override.npm, override.shape, override.endpoints);
  return {
    ...(dialect !== undefined && { dialect }),
    ...(override.api !== undefined && { url: override.api }),
    ...(override.endpoints !== undefined && { endpoints: override.endpoints }),
  };
}

function dialectOf(
  npm: string | undefined,
  shape: string | undefined,
  endpoints: readonly string[] | undefined,
): WireOverride["dialect"] {
  if (npm?.endsWith("/anthropic")) return "anthropic-messages";
  if (shape === "responses" || endpoints?.includes("/v1/responses")) return "openai-responses";
  if (npm !== undefined) return "openai-chat";
  return undefined;
}

function camelPrices(prices: object): Record<string, Decimal> {
  const entries = Object.entries(prices).map(([name, price]) => [camel(name), decimal(price)]);
  return Object.fromEntries(entries);
}

function camelKeys(record: Readonly<Record<string, boolean>>): Record<string, boolean> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [camel(name), value]));
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * A price as exact decimal text without exponent. Some source prices carry the noise of a division in floating point
 * (0.09999999999999999): no real price has more than 12 significant digits, so that is where the noise is cut.
 */
export function decimal(price: number): Decimal {
  if (!Number.isFinite(price) || price < 0) throw new Error(`not a price: ${price}`);
  const text = Number(price.toPrecision(12)).toString();
  const [mantissa = "0", exponent] = text.split("e");
  if (exponent === undefined) return text;
  const [whole = "0", fraction = ""] = mantissa.split(".");
  if (Number(exponent) >= 0) throw new Error(`not a price: ${price}`);
  return `0.${"0".repeat(-Number(exponent) - 1)}${whole}${fraction}`;
}

/** Reads a file of source rows, one JSON object a line. */
export function readSource(text: string): SourceRow[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as SourceRow);
}
