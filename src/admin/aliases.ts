// /admin/v1/aliases: names of the operator's own for models, and the rules that decide which is meant.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";
import { type AliasChanges, putAlias, removeAlias } from "./alias-changes.ts";
import { aliasRequest } from "./alias-request.ts";
import { type AliasView, aliasSchema, aliasView, configuredAliasView } from "./alias-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";

const tags = ["aliases"];
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const inPath = z.object({ name: z.string().openapi({ param: { name: "name", in: "path" } }) });
const slashes = "The slashes of the name may stand as they are.";

const declareAlias = createRoute({
  method: "post",
  path: "/aliases",
  tags,
  summary: "Declare an alias, or declare it anew",
  description:
    "In force at once in this process, and in others within seconds. It replaces the earlier alias of its name as a whole. What the route " +
    "of a rule (`then`) does not say, it has from the alias. A model's name alone, or a list of targets, will do for `then`.",
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { "application/json": { schema: aliasRequest } } },
  },
  responses: { 201: json(aliasSchema, "The alias."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});

const listAliases = createRoute({
  method: "get",
  path: "/aliases",
  tags,
  summary: "List the aliases in force, by name",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(aliasSchema, "AliasList"), "All of them."), ...errors(400, 401, 403, 429) },
});

const getAlias = createRoute({
  method: "get",
  path: "/aliases/{name}",
  tags,
  summary: "Read an alias",
  description: slashes,
  request: { params: inPath },
  responses: { 200: json(aliasSchema, "The alias."), ...errors(401, 403, 404, 429) },
});

const deleteAlias = createRoute({
  method: "delete",
  path: "/aliases/{name}",
  tags,
  summary: "Remove an alias",
  description: `What the configuration file says of its name holds again. Refused while other aliases lead to it. ${slashes}`,
  request: { params: inPath },
  responses: {
    200: json(
      z.object({ name: z.string(), object: z.literal("alias"), deleted: z.literal(true) }).openapi("DeletedAlias"),
      "Removed.",
    ),
    ...errors(401, 403, 404, 409, 429),
  },
});

export const aliasRoutes = [declareAlias, listAliases, getAlias, deleteAlias];

/** The aliases in force: those of the database, and those of the file that it does not replace; by name. */
export async function aliasViews({
  store,
  configured,
}: Pick<AliasChanges, "store" | "configured">): Promise<AliasView[]> {
  const views = new Map(configured.map((one) => [one.name, configuredAliasView(one)]));
  for (const record of await store.list()) views.set(record.name, aliasView(record));
  return [...views.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function mountAliases(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { catalog } = deps.models;
  const { live, configured, isProvider } = deps.aliases;
  const { aliases: store } = deps.store;
  const changes = (): AliasChanges => ({
    store,
    live,
    configured,
    known: { catalog: catalog.current(), isProvider },
    clock: deps.clock,
  });

  app.openapi(declareAlias, async (c) => {
    const view = aliasView(await putAlias(c.req.valid("json"), changes()));
    c.set("replay", view);
    return c.json(view, 201);
  });

  app.openapi(listAliases, async (c) => {
    const data = await aliasViews({ store, configured });
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });

  // Not by their declarations: names may have slashes, which their path would end at.
  app.get("/aliases/:name{.+}", async (c) => {
    const name = c.req.param("name");
    const view = (await aliasViews({ store, configured })).find((one) => one.name === name);
    if (view === undefined) throw new GatewayError("not_found", "There is no alias of this name.");
    return c.json(view, 200);
  });

  app.delete("/aliases/:name{.+}", async (c) => {
    const name = c.req.param("name");
    await removeAlias(name, changes());
    return c.json({ name, object: "alias", deleted: true }, 200);
  });
}
