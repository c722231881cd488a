// /admin/v1/providers: who can be called, and how each is doing.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { type ProviderView, providerSchema, providerViews } from "./provider-view.ts";
import { errors, listOf } from "./schemas.ts";

const tags = ["providers"];
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const measured = "What is measured is what this process has seen; times survive a restart, the rest begins anew.";

/** How many deployments are told of a provider among others, and of one alone. */
const [fewDeployments, manyDeployments] = [50, 1_000];

const listProviders = createRoute({
  method: "get",
  path: "/providers",
  tags,
  summary: "List the providers that can be called, by id, with the state of their credentials and deployments",
  description: `At most ${fewDeployments} deployments of each. ${measured}`,
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(providerSchema, "ProviderList"), "All of them."), ...errors(400, 401, 403, 429) },
});

const getProvider = createRoute({
  method: "get",
  path: "/providers/{id}",
  tags,
  summary: "Read a provider",
  description: `At most ${manyDeployments} deployments. ${measured}`,
  request: { params: z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) }) },
  responses: { 200: json(providerSchema, "The provider."), ...errors(401, 403, 404, 429) },
});

export const providerRoutes = [listProviders, getProvider];

export function mountProviders(app: OpenAPIHono<AdminEnv>, { routing, clock }: AdminDeps): void {
  const views = (deployments: number): readonly ProviderView[] =>
    providerViews(routing.connections.values(), { measures: routing.router.measures, nowMs: clock.now(), deployments });

  app.openapi(listProviders, (c) => {
    const data = [...views(fewDeployments)];
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });

  app.openapi(getProvider, (c) => {
    const found = views(manyDeployments).find(({ id }) => id === c.req.valid("param").id);
    if (found === undefined) throw new GatewayError("not_found", "There is no provider of this id that can be called.");
    return c.json(found, 200);
  });
}
