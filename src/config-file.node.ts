// The configuration file, turnpike.yaml: providers, models, prices, aliases and defaults, for those who keep configuration in git.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import type { Catalog } from "../providers/catalog/catalog.ts";
import { type ModelDeclaration, providerOf } from "../providers/catalog/declared.ts";
import type { AliasRequest } from "./admin/alias-request.ts";
import { modelRequest, priceRequest, toDeclaration } from "./admin/model-view.ts";
import { ConfigError, type Defaults, defaultsSchema } from "./config.ts";
import { aliasesSection, readAliases } from "./config-file/aliases.ts";
import { type AuditSettings, auditSection } from "./config-file/audit.ts";
import { type FileDocument, readDocument } from "./config-file/document.ts";
import { type Described, providersSection, readProviders } from "./config-file/providers.ts";

export interface FileConfig {
  /** In the order of the file, prices last. */
  readonly models: readonly ModelDeclaration[];
  readonly aliases: readonly AliasRequest[];
  /** Settings that hold where the environment says nothing. */
  readonly defaults: Defaults;
  readonly audit: AuditSettings;
}

const nothing: FileConfig = { models: [], aliases: [], defaults: {}, audit: { exporters: [] } };

/** What the file is checked against beyond its shape. */
export interface Known {
  readonly providers: ReadonlySet<string>;
  /** Ids of the models that the catalogue has. */
  readonly models: ReadonlySet<string>;
  /** The catalogue with the file's own models over it. */
  catalogWith(models: readonly ModelDeclaration[]): Catalog;
}

const schema = z.strictObject({
  // Read before all else, by `readRegistry`.
  providers: z.unknown().optional(),
  models: z.array(modelRequest).default([]),
  prices: z.record(z.string(), priceRequest).default({}),
  aliases: aliasesSection,
  defaults: defaultsSchema.default({}),
  audit: auditSection,
});

/**
 * Reads the file that TURNPIKE_CONFIG names, else `turnpike.yaml` of the working directory where there is one.
 * @throws ConfigError naming the file, the line and the member, and what is expected there, for everything that is wrong.
 */
export function readConfigFile(configured: string | null, known: Known): FileConfig {
  const opened = open(configured);
  if (opened === null) return nothing;
  const { problem, fail } = opened;
  const parsed = schema.safeParse(opened.value);
  if (!parsed.success) return fail(parsed.error.issues.map((issue) => problem(issue.path, saidOf(issue))));
  const { models, prices, aliases, defaults, audit } = parsed.data;

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
  return { models: declarations, aliases: read, defaults, audit };
}

/**
 * The providers that there are with those of the file, and the environment that they are found in.
 * @throws ConfigError as `readConfigFile` does.
 */
export function readRegistry(configured: string | null, machine: Described): Described {
  const opened = open(configured);
  if (opened === null) return machine;
  const { problem, fail } = opened;
  const parsed = z.object({ providers: providersSection }).safeParse(opened.value);
  if (!parsed.success) return fail(parsed.error.issues.map((issue) => problem(issue.path, saidOf(issue))));
  const problems: string[] = [];
  const described = readProviders(parsed.data.providers, machine, (path, message) =>
    problems.push(problem(path, message)),
  );
  return problems.length > 0 ? fail(problems) : described;
}

interface Opened extends FileDocument {
  fail(problems: readonly string[]): never;
}

/** Null when none is named and there is none. */
function open(configured: string | null): Opened | null {
  const file = resolve(configured ?? "turnpike.yaml");
  if (configured === null && !existsSync(file)) return null;
  const document = readDocument(readText(file));
  const fail = (problems: readonly string[]): never => {
    throw new ConfigError(`${file} can't be used:\n  ${problems.join("\n  ")}`);
  };
  return document.errors.length > 0 ? fail(document.errors) : { ...document, fail };
}

/** What is wrong with a name is said by whoever knows names, and not that something is. */
function saidOf(issue: z.core.$ZodIssue): string {
  return (issue.code === "invalid_key" ? issue.issues[0]?.message : undefined) ?? issue.message;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`TURNPIKE_CONFIG: ${file} can't be read (${(error as { code?: string }).code ?? "unknown"})`);
  }
}
