// The catalogue of this installation: the package's own, or a newer one that `turnpike models update` left in the data folder.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { ModelFacts } from "../providers/catalog/facts.ts";
import { type CompactCatalog, readCatalog } from "../providers/catalog/row.ts";
import { catalogDate, catalogRows } from "../providers/catalog/rows.ts";
import { catalogText } from "../providers/catalog/source.ts";
import { ConfigError } from "./config.ts";

export interface InstalledCatalog {
  readonly rows: readonly ModelFacts[];
  /** ISO, as of when it is. */
  readonly date: string;
  /** The file that it was read from; null for the package's own. */
  readonly file: string | null;
}

const fileSchema = z.object({
  date: z.string(),
  providers: z.record(z.string(), z.array(z.looseObject({ m: z.string(), io: z.string(), can: z.string() }))),
});

/** Where a refreshed catalogue stands: beside the database. */
export function catalogFile(folder: string): string {
  return join(folder, "models.json");
}

/**
 * The newer of the package's catalogue and the one in the data folder (null: a database in memory has none).
 * @throws ConfigError when the file is there and is no catalogue: prices must not change because of a damaged file.
 */
export function installedCatalog(folder: string | null): InstalledCatalog {
  const packaged = (): InstalledCatalog => ({ rows: catalogRows(), date: catalogDate, file: null });
  if (folder === null || !existsSync(catalogFile(folder))) return packaged();
  const file = catalogFile(folder);
  const stored = readFile(file);
  return stored.date > catalogDate ? { rows: readCatalog(stored), date: stored.date, file } : packaged();
}

/** Writes a catalogue, whole or not at all. */
export function writeCatalog(file: string, catalog: Pick<InstalledCatalog, "rows" | "date">): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  writeFileSync(draft, catalogText(catalog.rows, catalog.date));
  renameSync(draft, file);
}

function readFile(file: string): CompactCatalog {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, "utf8"))) as CompactCatalog;
  } catch {
    throw new ConfigError(
      `${file} can't be read as a catalogue. Remove it, or write it anew: \`turnpike models update --write\`.`,
    );
  }
}
