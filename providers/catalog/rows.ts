// The stored catalogue as facts. JSON by import, so that it loads alike on Node and in a Worker's bundle.
import data from "./data/models.json" with { type: "json" };
import type { ModelFacts } from "./facts.ts";
import { type CompactCatalog, rowReader } from "./row.ts";

/** Every stored row, by provider and then by the provider's model name. Reads them anew on each call: call it once. */
export function catalogRows(): ModelFacts[] {
  const read = rowReader();
  const facts: ModelFacts[] = [];
  for (const [provider, rows] of Object.entries(data as unknown as CompactCatalog)) {
    for (const row of rows) facts.push(read(provider, row));
  }
  return facts;
}
