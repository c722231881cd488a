// The sandbox's models as the catalogue lists them.
import type { ModelFacts } from "../catalog/facts.ts";
import { embeddingDimensions } from "./embed.ts";
import { modelOptions } from "./options.ts";

/** One row for each model. Their price is known and is zero, so that calls cost 0 and not an unknown amount. */
export const sandboxModels: readonly ModelFacts[] = [...Object.keys(modelOptions).map(chatModel), embedModel()];

function chatModel(name: string): ModelFacts {
  return {
    id: `sandbox/${name}`,
    canonical: `sandbox/${name}`,
    provider: "sandbox",
    providerModelId: name,
    variant: [],
    name: `Sandbox ${name}`,
    mode: "chat",
    contextWindow: 1_000_000,
    maxOutputTokens: 100_000,
    inputModalities: ["text", "image", "audio", "pdf"],
    outputModalities: ["text"],
    capabilities: {
      tools: true,
      parallelTools: true,
      jsonSchema: true,
      reasoning: name === "reasoning",
      vision: true,
      pdf: true,
      audio: true,
      audioOutput: false,
      streaming: true,
      promptCache: false,
      temperature: true,
    },
    reasoningOptions:
      name === "reasoning" ? [{ type: "effort", values: ["none", "minimal", "low", "medium", "high", "xhigh"] }] : [],
    prices: { input: "0", output: "0", tiers: [], modes: {} },
    unitPrices: null,
    zeroPrice: false,
    status: "active",
    takesOptions: true,
  };
}

function embedModel(): ModelFacts {
  return {
    id: "sandbox/embed",
    canonical: "sandbox/embed",
    provider: "sandbox",
    providerModelId: "embed",
    variant: [],
    name: "Sandbox embed",
    mode: "embedding",
    contextWindow: 1_000_000,
    embeddingDimensions,
    inputModalities: ["text"],
    outputModalities: ["embedding"],
    capabilities: {},
    reasoningOptions: [],
    prices: { input: "0", output: "0", tiers: [], modes: {} },
    unitPrices: null,
    zeroPrice: false,
    status: "active",
  };
}
