// `turnpike models update`: what models.dev says now, beside what the catalogue says; written only when asked to.
import { readFile } from "node:fs/promises";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { type ModelsDev, modelsDevUrl, readModelsDev } from "../../providers/catalog/models-dev.ts";
import { type CatalogUpdate, type FactChange, updateCatalog } from "../../providers/catalog/update.ts";
import { catalogFile, installedCatalog, writeCatalog } from "../catalog.node.ts";
import { readConfig } from "../config.ts";
import { databaseLocation } from "../store/location.ts";
import { CommandError, type Io, printJson } from "./io.ts";

export interface UpdateOptions {
  /** A URL or a file; models.dev when absent. */
  readonly from?: string;
  /** True: into the data folder; text: into this file. */
  readonly write?: true | string;
  readonly json?: true;
}

const fetchTimeoutMs = 60_000;

export async function updateCommand(io: Io, { from = modelsDevUrl, write, json }: UpdateOptions): Promise<void> {
  const { folder } = databaseLocation(readConfig(io.env).databaseUrl);
  const target = write === true ? dataFile(folder) : (write ?? null);
  const source = await readSource(from);
  // A damaged file is what an update mends: it starts from the package's catalogue then.
  const update = updateCatalog(current(folder, io).rows, source);
  if (target !== null) writeCatalog(target, { rows: update.rows, date: new Date().toISOString() });
  if (json) return printJson(io, jsonView(update, source, target));
  for (const line of lines(update)) io.out(`${line}\n`);
  for (const entry of source.unreadable) io.err(`left out, because it can't be read: ${entry}\n`);
  const { added, removed, changed, skipped } = update;
  io.err(`${added.length} added, ${removed.length} removed, ${changed.length} changed.\n`);
  if (skipped.length > 0) io.err(`Left out, because they are not known here: ${skipped.join(", ")}.\n`);
  io.err(
    target === null
      ? "Nothing was written. With --write, the catalogue is kept in the data folder.\n"
      : `Written to ${target}. A running gateway takes it up when it is started again.\n`,
  );
}

function dataFile(folder: string | null): string {
  if (folder !== null) return catalogFile(folder);
  throw new CommandError(
    "The database is in memory, so there is no data folder to write to. Name a file: --write FILE",
  );
}

function current(folder: string | null, io: Io): { readonly rows: readonly ModelFacts[] } {
  try {
    return installedCatalog(folder);
  } catch (error) {
    io.err(`turnpike: ${(error as Error).message} Comparing with the package's catalogue.\n`);
    return installedCatalog(null);
  }
}

async function readSource(from: string): Promise<ModelsDev> {
  let document: unknown;
  try {
    document = JSON.parse(await (/^https?:\/\//.test(from) ? download(from) : readFile(from, "utf8")));
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? `${message} (${cause.message})` : message;
    throw new CommandError(`${from} can't be read: ${why}. --from takes another URL or a file.`);
  }
  try {
    return readModelsDev(document);
  } catch (error) {
    throw new CommandError(`${from} can't be used: ${(error as Error).message}.`);
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return response.text();
}

function lines({ added, removed, changed }: CatalogUpdate): string[] {
  return [
    ...added.map((row) => `+ ${row.id}  ${summary(row)}`),
    ...removed.map((row) => `- ${row.id}`),
    ...changed.map(({ id, changes }) => `~ ${id}  ${changes.map(change).join(", ")}`),
  ].map((line) => line.replace(/\p{C}/gu, "?"));
}

function summary({ canonical, prices, contextWindow }: ModelFacts): string {
  return `model ${canonical}, input ${prices?.input ?? "?"}, output ${prices?.output ?? "?"}, context ${contextWindow ?? "?"}`;
}

function change({ fact, from, to }: FactChange): string {
  return `${fact} ${from ?? "unknown"} → ${to ?? "unknown"}`;
}

function jsonView(update: CatalogUpdate, source: ModelsDev, target: string | null): Record<string, unknown> {
  return {
    object: "catalog_update",
    added: update.added.map(({ id }) => id),
    removed: update.removed.map(({ id }) => id),
    changed: update.changed,
    skipped_providers: update.skipped,
    unreadable: source.unreadable,
    written_to: target,
  };
}
