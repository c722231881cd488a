// /admin/v1/routes/plan: a dry run. Who would be tried for a request, in which order and why; nothing is sent or recorded.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { anthropicMessagesServer } from "../../providers/dialects/anthropic-messages/index.ts";
import type { ServerDialect } from "../../providers/dialects/dialect.ts";
import { geminiServer } from "../../providers/dialects/gemini/index.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../../providers/dialects/openai-responses/index.ts";
import type { Operation } from "../../providers/endpoints/endpoint.ts";
import { GatewayError } from "../errors.ts";
import { type Asker, askOf } from "../gateway/ask.ts";
import { type Call, readCall } from "../gateway/call.ts";
import { purposeOf } from "../gateway/endpoint-work.ts";
import { operations } from "../gateway/operations.ts";
import { scopesOf } from "../keys/scopes.ts";
import { charactersPerToken } from "../router/ask.ts";
import { explainPlan } from "../router/explain.ts";
import { filters } from "../router/filters.ts";
import type { KeyStore } from "../store/port.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, timestamp } from "./schemas.ts";

const dialects: Readonly<Record<string, ServerDialect>> = Object.fromEntries(
  [openaiChatServer, openaiResponsesServer, anthropicMessagesServer, geminiServer].map((dialect) => [
    dialect.id,
    dialect,
  ]),
);

const planRequest = z
  .looseObject({
    model: z.string().openapi({ example: "openai/gpt-5-mini" }),
    dialect: z
      .enum(Object.keys(dialects))
      .default(openaiChatServer.id)
      .openapi({ description: "Of the request, where it is chat." }),
    operation: z.enum(["chat", ...Object.keys(operations)]).default("chat"),
    key: z.string().optional().openapi({ description: "The id of the customer's key that would ask." }),
    caller: z
      .strictObject({
        customer: z.string().max(100).default("anonymous"),
        project: z.string().max(100).default("default"),
        metadata: z.record(z.string(), z.string()).default({}).openapi({ description: "The key's." }),
      })
      .optional()
      .openapi({ description: "Who would ask, where it is no key: rules see it, and no policy applies." }),
  })
  .openapi("RoutePlanRequest", {
    description:
      "The body that a client would send, in its dialect (with `model` and `stream` beside it where the dialect has them in " +
      "the URL), and who would send it.",
  });

const deployment = {
  provider: z.string(),
  model: z.string().openapi({ description: "Its name at the provider." }),
  canonical_model: z.string().nullable(),
  credential: z.string().openapi({ example: "openai#2" }),
};
const readyAt = timestamp.nullable().openapi({ description: "When it may be asked; null for at once, or never." });

const planSchema = z
  .object({
    object: z.literal("route_plan"),
    models: z.array(z.string()).openapi({ description: "As the request names them." }),
    input_tokens: z.int().nullable().openapi({ description: "Of the prompt, estimated; null for what is no chat." }),
    max_output_tokens: z.int().nullable(),
    steps: z.array(
      z
        .object({
          ...deployment,
          name: z.string().openapi({ description: "What the request or an alias calls it." }),
          reason: z.string().openapi({ example: "best" }),
          score: z.number().openapi({ description: "How many times worse than the best of its name; 1 for the best." }),
          cost_usd: z.string().nullable().openapi({ description: "Expected, an exact decimal; null when unknown." }),
          ttft_ms: z.number(),
          tokens_per_second: z.number(),
          time_ms: z.number().openapi({ description: "Of the whole answer." }),
          failure_share: z.number(),
          headroom: z.number(),
          cached_share: z.number().openapi({ description: "Of the prompt, that its cache is expected to hold." }),
          measurements: z.int().openapi({ description: "How many stand behind the times; 0 where they are a guess." }),
          ready_at: readyAt,
        })
        .openapi("RouteStep"),
    ),
    removed: z.array(
      z.object({ ...deployment, filter: z.enum(filters), why: z.string(), ready_at: readyAt }).openapi("RouteRemoval"),
    ),
  })
  .openapi("RoutePlan");

const planRoute = createRoute({
  method: "post",
  path: "/routes/plan",
  tags: ["routes"],
  summary: "Plan a request without sending it",
  description:
    "Who would be tried, in which order, and why. Nothing is sent, recorded or measured. Where several would do as well, chance " +
    "decides anew each time, as it does for calls. What keeps a call from being planned comes as the error that its client would get.",
  request: { body: { required: true, content: { "application/json": { schema: planRequest } } } },
  responses: {
    200: { description: "The plan.", content: { "application/json": { schema: planSchema } } },
    ...errors(400, 401, 403, 404, 413, 415, 429, 502, 503),
  },
});

export const routeRoutes = [planRoute];

export function mountRoutePlan(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { router } = deps.routing;
  app.openapi(planRoute, async (c) => {
    const { dialect, operation, key, caller, ...request } = c.req.valid("json");
    if (key !== undefined && caller !== undefined) {
      throw new GatewayError("invalid_request", "Give `key` or `caller`, not both.", { param: "caller" });
    }
    const nowMs = deps.clock.now();
    const call = callOf(request, { dialect, operation, nowMs });
    const asker = key === undefined ? anybody(caller) : await holderOf(key, deps.store.keys);
    const purpose = call.operation === "chat" ? undefined : purposeOf(call.operation);
    const serving = {
      catalog: deps.models.catalog.current(),
      connections: deps.routing.connections,
      aliases: deps.aliases.live,
    };
    const plan = router.plan(askOf(call, asker, purpose), serving);
    const view = {
      object: "route_plan" as const,
      models: [...call.models],
      input_tokens: call.peek === null ? null : Math.ceil(call.peek.textLength / charactersPerToken),
      max_output_tokens: call.peek?.maxOutputTokens ?? null,
      ...explainPlan(plan, router.measures, nowMs),
    };
    return c.json({ ...view, steps: [...view.steps], removed: [...view.removed] }, 200);
  });
}

/** The call that the request would make. */
function callOf(
  request: Readonly<Record<string, unknown>> & { readonly model: string },
  { dialect, operation, nowMs }: { readonly dialect: string; readonly operation: string; readonly nowMs: number },
): Call {
  const init = {
    id: "req_plan",
    rawBody: JSON.stringify(request),
    header: () => null,
    openedAtMs: nowMs,
    startedAt: nowMs,
  };
  if (operation !== "chat") {
    const { peek: _, ...answering } = openaiChatServer;
    return readCall({ ...init, dialect: answering, operation: operation as Operation });
  }
  const server = dialects[dialect] ?? openaiChatServer;
  const { model, stream, ...body } = request;
  if (server !== geminiServer) return readCall({ ...init, dialect: server });
  const route = { model, stream: stream === true };
  return readCall({ ...init, rawBody: JSON.stringify(body), dialect: server, route });
}

function anybody({ customer = "anonymous", project = "default", metadata = {} }: Partial<Asker["key"]> = {}): Asker {
  return { key: { id: "key_none", customer, project, metadata }, scopes: [] };
}

/** Whoever holds this key, with the policies that hold for it, whether or not it may still be used. */
async function holderOf(id: string, keys: KeyStore): Promise<Asker> {
  const [newest] = await keys.secrets(id);
  const entry = newest === undefined ? null : await keys.findByDigest(newest.digest);
  if (entry === null) throw new GatewayError("not_found", "There is no key of this id.", { param: "key" });
  return { key: entry.key, scopes: scopesOf(entry) };
}
