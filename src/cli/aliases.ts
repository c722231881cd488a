// `turnpike aliases`: the same operations as /admin/v1/aliases, on the database itself. A running gateway notices within seconds.
import { type AliasChanges, putAlias, removeAlias } from "../admin/alias-changes.ts";
import { aliasRequest } from "../admin/alias-request.ts";
import { type AliasView, aliasView, storedAliases, toAlias } from "../admin/alias-view.ts";
import { aliasViews } from "../admin/aliases.ts";
import { readInstalled } from "../installed.node.ts";
import { openAliases } from "../router/live-aliases.ts";
import { createLiveCatalog } from "../router/live-catalog.ts";
import { withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked } from "./keys.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

export async function listCommand(io: Io, { json }: Json): Promise<void> {
  await withAliases(io, async (changes) => {
    const data = await aliasViews(changes);
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    io.out(table(["name", "targets", "strategy", "fallbacks", "rules", "source"], data.map(row)));
  });
}

export interface SetOptions extends Json {
  readonly strategy?: string;
  readonly sticky?: string;
  readonly fallback?: readonly string[];
  /** The whole alias as /admin/v1/aliases takes it; the other options are laid over it. */
  readonly definition?: string;
}

export async function setCommand(io: Io, name: string, models: readonly string[], options: SetOptions): Promise<void> {
  const { strategy, sticky, fallback, definition, json } = options;
  const request = checked(aliasRequest, {
    ...(definition !== undefined && parse(definition)),
    name,
    ...(models.length > 0 && { targets: models }),
    ...(strategy !== undefined && { strategy }),
    ...(sticky !== undefined && { sticky }),
    ...(fallback !== undefined && { fallbacks: fallback }),
  });
  await withAliases(io, async (changes) => {
    const view = aliasView(await putAlias(request, changes));
    if (json) return printJson(io, view);
    io.out(`${name} stands for ${shownTargets(view)}.\n`);
  });
}

export async function removeCommand(io: Io, name: string, { json }: Json): Promise<void> {
  await withAliases(io, async (changes) => {
    await removeAlias(name, changes);
    if (json) return printJson(io, { name, object: "alias", deleted: true });
    io.out(`Removed ${name}.\n`);
  });
}

/** Lends what changes of aliases need: this installation's database, and what its configuration file and catalogue say. */
async function withAliases(io: Io, use: (changes: AliasChanges) => Promise<void>): Promise<void> {
  const { file, rows, providerIds } = readInstalled(io.env);
  await withInstallation(io, async ({ store, clock }) => {
    const declared = (await store.models.list()).map(({ declaration }) => declaration);
    const leftOut = (name: string, why: string) => io.err(`turnpike: ${name} is left out: ${why}\n`);
    const live = await openAliases({
      configured: file.aliases.map(toAlias),
      source: storedAliases(store.aliases, leftOut),
      onLeftOut: leftOut,
    });
    const catalog = createLiveCatalog(rows, [...file.models, ...declared]).current();
    const known = { catalog, isProvider: (id: string) => providerIds.has(id) };
    await use({ store: store.aliases, live, configured: file.aliases, known, clock });
  });
}

function parse(definition: string): object {
  try {
    const parsed: unknown = JSON.parse(definition);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Told below, as anything else that is no object.
  }
  throw new CommandError("--definition takes an alias as a JSON object, as POST /admin/v1/aliases does.");
}

function row(view: AliasView): Readonly<Record<string, string | number>> {
  const { name, strategy = "ordered", fallbacks = [], rules = [], source } = view;
  return {
    name,
    targets: shownTargets(view),
    strategy: typeof strategy === "string" ? strategy : "own weights",
    fallbacks: fallbacks.join(", "),
    rules: rules.length,
    source,
  };
}

function shownTargets({ targets }: AliasView): string {
  return targets.map((one) => (typeof one === "string" ? one : `${one.model} (${one.weight})`)).join(", ");
}
