// /admin/v1/models: models and prices that the operator declares over the catalogue.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { providerOf } from "../../providers/catalog/declared.ts";
import { GatewayError } from "../errors.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { modelRequest, modelSchema, modelView, toDeclaration } from "./model-view.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";

const tags = ["models"];
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

const declareModel = createRoute({
  method: "post",
  path: "/models",
  tags,
  summary: "Declare a model, or the price of one",
  description:
    "In force at once in this process, and in others after their next start. It replaces an earlier declaration of the same model. " +
    "What it does not say stays as the catalogue has it.",
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { "application/json": { schema: modelRequest } } },
  },
  responses: { 201: json(modelSchema, "The declaration."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});

const listModels = createRoute({
  method: "get",
  path: "/models",
  tags,
  summary: "List declared models, by id",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(modelSchema, "DeclaredModelList"), "All of them."), ...errors(400, 401, 403, 429) },
});

const removeModel = createRoute({
  method: "delete",
  path: "/models/{id}",
  tags,
  summary: "Take a declaration back",
  description:
    "The model is again what the catalogue and the configuration file say of it. The slashes of the id may stand as they are.",
  request: { params: z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) }) },
  responses: {
    200: json(
      z.object({ id: z.string(), object: z.literal("model"), deleted: z.literal(true) }).openapi("DeletedModel"),
      "Taken back.",
    ),
    ...errors(401, 403, 404, 429),
  },
});

export const modelRoutes = [declareModel, listModels, removeModel];

export function mountModels(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { catalog, providers, configured } = deps.models;
  const { models } = deps.store;
  const putInForce = async (): Promise<void> => {
    const stored = await models.list();
    catalog.declare([...configured, ...stored.map(({ declaration }) => declaration)]);
  };

  app.openapi(declareModel, async (c) => {
    const declaration = toDeclaration(c.req.valid("json"));
    if (!providers.has(providerOf(declaration.id))) {
      throw new GatewayError(
        "invalid_request",
        `\`${providerOf(declaration.id)}\` is no provider that Turnpike can call.`,
        { param: "id" },
      );
    }
    const view = modelView(await models.put(declaration, deps.clock.now()));
    await putInForce();
    c.set("replay", view);
    return c.json(view, 201);
  });

  app.openapi(listModels, async (c) => {
    const data = (await models.list()).map(modelView);
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });

  // Not by its declaration: ids have slashes, which its path would end at.
  app.delete("/models/:id{.+}", async (c) => {
    const id = c.req.param("id");
    if (!(await models.remove(id))) throw new GatewayError("not_found", "No model is declared under this id.");
    await putInForce();
    return c.json({ id, object: "model", deleted: true }, 200);
  });
}
