// The compact form in which the catalogue is stored, and the way to and from the facts.
import type {
  Capabilities,
  Modality,
  ModelFacts,
  PriceMode,
  Prices,
  PriceTier,
  ReasoningOption,
  TokenPrices,
  UnitPrices,
  WireOverride,
} from "./facts.ts";

/** Token prices in the order input, output, cache read, cache write, cache write 1h, audio in, audio out, reasoning; "" is unknown. */
type PriceText = string;

/** One model of a provider. What equals its default is left out. */
export interface CompactRow {
  /** The provider's name of the model. */
  readonly m: string;
  /** Canonical id, unless it is `provider/m`. */
  readonly c?: string;
  /** Name, unless it is `m`. */
  readonly n?: string;
  readonly family?: string;
  /** Mode, unless it is `chat`. */
  readonly k?: ModelFacts["mode"];
  readonly variant?: readonly string[];
  readonly region?: string;
  /** Context window, largest input, largest output; null is unknown. */
  readonly size?: readonly (number | null)[];
  readonly dims?: number;
  /** `text,image>text`. */
  readonly io: string;
  /** One letter for each stated capability, a capital for yes (see `capabilityLetters`). */
  readonly can: string;
  readonly think?: readonly ReasoningOption[];
  readonly field?: string;
  readonly wire?: WireOverride;
  readonly price?: PriceText;
  readonly tiers?: Readonly<Record<string, PriceText>>;
  readonly modes?: Readonly<Record<string, { readonly price: PriceText } & Pick<PriceMode, "body" | "headers">>>;
  readonly units?: UnitPrices;
  readonly zero?: 1;
  readonly status?: "beta" | "deprecated";
  readonly released?: string;
  readonly retires?: string;
  readonly cutoff?: string;
  readonly open?: boolean;
  readonly from?: "litellm";
}

/** The catalogue's file: all rows, by provider. */
export interface CompactCatalog {
  /** ISO, as of when the newest source is. */
  readonly date: string;
  readonly providers: Readonly<Record<string, readonly CompactRow[]>>;
}

const capabilityLetters = {
  tools: "t",
  parallelTools: "p",
  jsonSchema: "j",
  reasoning: "r",
  vision: "v",
  pdf: "d",
  audio: "a",
  audioOutput: "o",
  streaming: "s",
  promptCache: "c",
  temperature: "m",
} as const satisfies Record<keyof Capabilities, string>;
const capabilityNames = Object.keys(capabilityLetters) as (keyof Capabilities)[];

const priceOrder = [
  "input",
  "output",
  "cacheRead",
  "cacheWrite",
  "cacheWrite1h",
  "inputAudio",
  "outputAudio",
  "reasoning",
] as const satisfies readonly (keyof TokenPrices)[];

/** Facts in the compact form. `takesOptions` is not stored: no remote provider's model takes options in its name. */
export function compact(facts: ModelFacts): CompactRow {
  const size = [facts.contextWindow ?? null, facts.maxInputTokens ?? null, facts.maxOutputTokens ?? null];
  return {
    m: facts.providerModelId,
    ...(facts.canonical !== facts.id && { c: facts.canonical }),
    ...(facts.name !== facts.providerModelId && { n: facts.name }),
    ...(facts.family !== undefined && { family: facts.family }),
    ...(facts.mode !== "chat" && { k: facts.mode }),
    ...(facts.variant.length > 0 && { variant: facts.variant }),
    ...(facts.regionProfile !== undefined && { region: facts.regionProfile }),
    ...(size.some((value) => value !== null) && { size }),
    ...(facts.embeddingDimensions !== undefined && { dims: facts.embeddingDimensions }),
    io: `${facts.inputModalities.join(",")}>${facts.outputModalities.join(",")}`,
    can: capabilityText(facts.capabilities),
    ...(facts.reasoningOptions.length > 0 && { think: facts.reasoningOptions }),
    ...(facts.reasoningField !== undefined && { field: facts.reasoningField }),
    ...(facts.wire !== undefined && { wire: facts.wire }),
    ...(facts.prices !== null && compactPrices(facts.prices)),
    ...(facts.unitPrices !== null && { units: facts.unitPrices }),
    ...(facts.zeroPrice && { zero: 1 as const }),
    ...(facts.status !== "active" && { status: facts.status }),
    ...(facts.releaseDate !== undefined && { released: facts.releaseDate }),
    ...(facts.retireDate !== undefined && { retires: facts.retireDate }),
    ...(facts.knowledgeCutoff !== undefined && { cutoff: facts.knowledgeCutoff }),
    ...(facts.openWeights !== undefined && { open: facts.openWeights }),
    ...(facts.from !== undefined && { from: facts.from }),
  };
}

function compactPrices(prices: Prices): Pick<CompactRow, "price" | "tiers" | "modes"> {
  const modes = Object.entries(prices.modes).map(([name, mode]) => [
    name,
    {
      price: priceText(mode),
      ...(mode.body !== undefined && { body: mode.body }),
      ...(mode.headers !== undefined && { headers: mode.headers }),
    },
  ]);
  return {
    price: priceText(prices),
    ...(prices.tiers.length > 0 && {
      tiers: Object.fromEntries(prices.tiers.map((tier) => [String(tier.aboveInputTokens), priceText(tier)])),
    }),
    ...(modes.length > 0 && { modes: Object.fromEntries(modes) }),
  };
}

function capabilityText(capabilities: Capabilities): string {
  let text = "";
  for (const name of capabilityNames) {
    const value = capabilities[name];
    if (value === undefined) continue;
    text += value ? capabilityLetters[name].toUpperCase() : capabilityLetters[name];
  }
  return text;
}

function priceText(prices: TokenPrices): PriceText {
  return priceOrder
    .map((counter) => prices[counter] ?? "")
    .join(" ")
    .trimEnd();
}

/** Every row of a catalogue's file, by provider and then by the provider's model name. */
export function readCatalog({ providers }: CompactCatalog): ModelFacts[] {
  const read = rowReader();
  return Object.entries(providers).flatMap(([provider, rows]) => rows.map((row) => read(provider, row)));
}

/**
 * A reader of compact rows. Values that many rows share (capabilities, modalities, reasoning options) become one object,
 * so that thousands of rows weigh little.
 */
export function rowReader(): (provider: string, row: CompactRow) => ModelFacts {
  const modalities = memo((text) => (text === "" ? [] : (text.split(",") as Modality[])));
  const capabilities = memo(readCapabilities);
  const shared = memo((text): unknown => JSON.parse(text));
  return (provider, row) => {
    const id = `${provider}/${row.m}`;
    const [input = "", output = ""] = row.io.split(">");
    const [context, maxInput, maxOutput] = row.size ?? [];
    return {
      id,
      canonical: row.c ?? id,
      provider,
      providerModelId: row.m,
      variant: row.variant ?? none,
      ...(row.region !== undefined && { regionProfile: row.region }),
      name: row.n ?? row.m,
      ...(row.family !== undefined && { family: row.family }),
      mode: row.k ?? "chat",
      ...(typeof context === "number" && { contextWindow: context }),
      ...(typeof maxInput === "number" && { maxInputTokens: maxInput }),
      ...(typeof maxOutput === "number" && { maxOutputTokens: maxOutput }),
      ...(row.dims !== undefined && { embeddingDimensions: row.dims }),
      inputModalities: modalities(input),
      outputModalities: modalities(output),
      capabilities: capabilities(row.can),
      reasoningOptions: row.think ? (shared(JSON.stringify(row.think)) as readonly ReasoningOption[]) : none,
      ...(row.field !== undefined && { reasoningField: row.field }),
      ...(row.wire !== undefined && { wire: row.wire }),
      prices: readPrices(row),
      unitPrices: row.units ?? null,
      zeroPrice: row.zero === 1,
      status: row.status ?? "active",
      ...(row.released !== undefined && { releaseDate: row.released }),
      ...(row.retires !== undefined && { retireDate: row.retires }),
      ...(row.cutoff !== undefined && { knowledgeCutoff: row.cutoff }),
      ...(row.open !== undefined && { openWeights: row.open }),
      ...(row.from !== undefined && { from: row.from }),
    };
  };
}

const none: readonly never[] = [];
const noModes: Readonly<Record<string, PriceMode>> = {};

function readCapabilities(text: string): Capabilities {
  const found: { -readonly [name in keyof Capabilities]: Capabilities[name] } = {};
  for (const name of capabilityNames) {
    const letter = capabilityLetters[name];
    if (text.includes(letter)) found[name] = false;
    else if (text.includes(letter.toUpperCase())) found[name] = true;
  }
  return found;
}

function readPrices(row: CompactRow): Prices | null {
  if (row.price === undefined) return null;
  const tiers: readonly PriceTier[] = row.tiers
    ? Object.entries(row.tiers).map(([above, text]) => ({ aboveInputTokens: Number(above), ...tokenPrices(text) }))
    : none;
  const modes = row.modes
    ? Object.fromEntries(
        Object.entries(row.modes).map(([name, { price, ...asked }]) => [name, { ...tokenPrices(price), ...asked }]),
      )
    : noModes;
  return { ...tokenPrices(row.price), tiers, modes };
}

function tokenPrices(text: PriceText): TokenPrices {
  const prices: { -readonly [counter in keyof TokenPrices]: TokenPrices[counter] } = {};
  text.split(" ").forEach((price, at) => {
    const counter = priceOrder[at];
    if (counter !== undefined && price !== "") prices[counter] = price;
  });
  return prices;
}

function memo<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    let value = made.get(text);
    if (value === undefined) {
      value = make(text);
      made.set(text, value);
    }
    return value;
  };
}
