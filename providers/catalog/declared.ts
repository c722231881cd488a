// Models and prices that an operator declares, laid over the catalogue.
import type { Capabilities, Modality, ModelFacts, TokenPrices } from "./facts.ts";

/** What an operator says of a model at a provider. What is absent stays as the catalogue has it, or unknown. */
export interface ModelDeclaration {
  /** `provider/providerModelId`. One that the catalogue has is changed; any other is added. */
  readonly id: string;
  readonly canonical?: string;
  readonly name?: string;
  readonly mode?: ModelFacts["mode"];
  readonly contextWindow?: number;
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly inputModalities?: readonly Modality[];
  readonly outputModalities?: readonly Modality[];
  readonly capabilities?: Capabilities;
  /** The whole price: the catalogue's counters, tiers and modes no longer hold. */
  readonly prices?: TokenPrices;
}

/** The rows with the declarations over them, in order: a later one of the same model is laid over an earlier one. */
export function withDeclarations(
  rows: readonly ModelFacts[],
  declarations: readonly ModelDeclaration[],
): readonly ModelFacts[] {
  if (declarations.length === 0) return rows;
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const declaration of declarations) {
    byId.set(declaration.id, declared(byId.get(declaration.id) ?? unknownModel(declaration.id), declaration));
  }
  return [...byId.values()];
}

/** The provider of an id, which is what stands before its first slash. */
export function providerOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

function declared(row: ModelFacts, { capabilities, prices, ...facts }: ModelDeclaration): ModelFacts {
  return {
    ...row,
    ...facts,
    capabilities: { ...row.capabilities, ...capabilities },
    ...(prices !== undefined && {
      prices: { ...prices, tiers: [], modes: {} },
      // An operator's zero is vouched for: the model is free, and may be preferred for it.
      zeroPrice: false,
    }),
  };
}

function unknownModel(id: string): ModelFacts {
  const provider = providerOf(id);
  const providerModelId = id.slice(provider.length + 1);
  return {
    id,
    canonical: id,
    provider,
    providerModelId,
    variant: [],
    name: providerModelId,
    mode: "chat",
    inputModalities: ["text"],
    outputModalities: ["text"],
    capabilities: {},
    reasoningOptions: [],
    prices: null,
    unitPrices: null,
    zeroPrice: false,
    status: "active",
  };
}
