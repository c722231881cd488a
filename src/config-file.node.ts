// The configuration file, turnpike.yaml: models, prices, aliases and defaults, for those who keep configuration in git.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Document, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Catalog } from "../providers/catalog/catalog.ts";
import { type ModelDeclaration, providerOf } from "../providers/catalog/declared.ts";
import type { AliasRequest } from "./admin/alias-request.ts";
import { modelRequest, priceRequest, toDeclaration } from "./admin/model-view.ts";
import { ConfigError, type Defaults, defaultsSchema } from "./config.ts";
import { aliasesSection, readAliases } from "./config-file/aliases.ts";

export interface FileConfig {
  /** In the order of the file, prices last. */
  readonly models: readonly ModelDeclaration[];
  readonly aliases: readonly AliasRequest[];
  /** Settings that hold where the environment says nothing. */
  readonly defaults: Defaults;
}

const nothing: FileConfig = { models: [], aliases: [], defaults: {} };

/** What the file is checked against beyond its shape. */
export interface Known {
  readonly providers: ReadonlySet<string>;
  /** Ids of the models that the catalogue has. */
  readonly models: ReadonlySet<string>;
  /** The catalogue with the file's own models over it. */
  catalogWith(models: readonly ModelDeclaration[]): Catalog;
}

const schema = z.strictObject({
  models: z.array(modelRequest).default([]),
  prices: z.record(z.string(), priceRequest).default({}),
  aliases: aliasesSection,
  defaults: defaultsSchema.default({}),
});

/**
 * Reads the file that TURNPIKE_CONFIG names, else `turnpike.yaml` of the working directory where there is one.
 * @throws ConfigError naming the file, the line and the member, and what is expected there, for everything that is wrong.
 */
export function readConfigFile(configured: string | null, known: Known): FileConfig {
  const file = resolve(configured ?? "turnpike.yaml");
  if (configured === null && !existsSync(file)) return nothing;
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const problem = (path: readonly PropertyKey[], message: string) =>
    `line ${lineOf(document, lines, path)}: ${path.length > 0 ? `${shown(path)}: ` : ""}${message}`;
  const fail = (problems: readonly string[]): never => {
    throw new ConfigError(`${file} can't be used:\n  ${problems.join("\n  ")}`);
  };
  if (document.errors.length > 0) fail(document.errors.map(({ message }) => message.split("\n")[0] ?? message));
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (!parsed.success) return fail(parsed.error.issues.map(({ path, message }) => problem(path, message)));
  const { models, prices, aliases, defaults } = parsed.data;

  const problems: string[] = [];
  const declared = new Set<string>();
  for (const [index, { id }] of models.entries()) {
    const at = ["models", index, "id"];
    if (declared.has(id)) problems.push(problem(at, `${id} is declared twice; put it all into one entry`));
    declared.add(id);
    if (!known.providers.has(providerOf(id))) {
      problems.push(problem(at, `Turnpike has no provider ${providerOf(id)}; an id is provider/model`));
    }
  }
  for (const id of Object.keys(prices)) {
    if (!known.models.has(id) && !declared.has(id)) {
      problems.push(problem(["prices", id], "the catalogue has no such model; declare it under `models`"));
    }
  }
  if (problems.length > 0) fail(problems);
  const priced = Object.entries(prices).map(([id, price]) => ({ id, prices: price }));
  const declarations = [...models, ...priced].map(toDeclaration);
  const read = readAliases(aliases, {
    catalog: known.catalogWith(declarations),
    isProvider: (id) => known.providers.has(id),
    complain: (path, message) => problems.push(problem(path, message)),
  });
  if (problems.length > 0) fail(problems);
  return { models: declarations, aliases: read, defaults };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`TURNPIKE_CONFIG: ${file} can't be read (${(error as { code?: string }).code ?? "unknown"})`);
  }
}

/** The line of a member, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      | { readonly range?: readonly number[] }
      | null
      | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

function shown(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${String(part)}`))
    .join("");
}
