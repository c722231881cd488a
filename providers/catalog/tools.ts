// What providers charge for their own tools. No source of the catalogue has it, and it is the same for all models of a provider.
import data from "./data/tools.json" with { type: "json" };
import type { Decimal } from "./facts.ts";

/** USD each. A tool without a price is one whose price is unknown. */
export interface ToolPrices {
  readonly webSearch?: Decimal;
}

const prices: Readonly<Record<string, ToolPrices>> = data;

/**
 * Anthropic: $10 for 1,000 searches (documentation, "Web search tool", Pricing). OpenAI: the same for its current tool
 * (documentation, "Pricing", Built-in tools); its resellers' bills agree (recordings of OpenRouter, `cost_details`). xAI: $5
 * (recordings, `cost_in_usd_ticks`).
 */
export function toolPricesOf(provider: string): ToolPrices {
  return prices[provider] ?? unknown;
}

const unknown: ToolPrices = {};
