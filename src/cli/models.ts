// `turnpike models`: what the catalogue knows.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { sandboxModels } from "../../providers/sandbox/index.ts";
import { installedCatalog } from "../catalog.node.ts";
import { readConfig } from "../config.ts";
import { databaseLocation } from "../store/location.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { table } from "./table.ts";

export interface ModelsOptions {
  readonly search?: string;
  readonly provider?: string;
  readonly json?: true;
}

export function modelsCommand(io: Io, { search = "", provider, json }: ModelsOptions): void {
  const words = search.toLowerCase().split(/\s+/);
  const { folder } = databaseLocation(readConfig(io.env).databaseUrl);
  const found = [...installedCatalog(folder).rows, ...sandboxModels].filter(
    (row) =>
      (provider === undefined || row.provider === provider) &&
      words.every((word) => `${row.id} ${row.canonical} ${row.name}`.toLowerCase().includes(word)),
  );
  if (found.length === 0) throw new CommandError("The catalogue has no such model.");
  if (json) {
    printJson(io, { object: "list", data: found.map(view), has_more: false, next_cursor: null });
  } else {
    io.out(table(["id", "model", "context", "input_usd", "output_usd", "status"], found.map(view)));
    io.err(`${found.length} in the catalogue. Prices are per million tokens.\n`);
  }
}

function view(row: ModelFacts): Record<string, string | number | null> {
  return {
    id: row.id,
    model: row.canonical,
    provider: row.provider,
    name: row.name,
    context: row.contextWindow ?? null,
    max_output: row.maxOutputTokens ?? null,
    input_usd: row.prices?.input ?? null,
    output_usd: row.prices?.output ?? null,
    status: row.status,
  };
}
