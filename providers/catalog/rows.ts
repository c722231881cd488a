// The catalogue of the package as facts. JSON by import, so that it loads alike on Node and in a Worker's bundle.
import data from "./data/models.json" with { type: "json" };
import type { ModelFacts } from "./facts.ts";
import { type CompactCatalog, readCatalog } from "./row.ts";

const stored = data as unknown as CompactCatalog;

/** As of when the package's catalogue is, ISO. */
export const catalogDate: string = stored.date;

/** Every stored row, by provider and then by the provider's model name. Reads them anew on each call: call it once. */
export function catalogRows(): ModelFacts[] {
  return readCatalog(stored);
}
