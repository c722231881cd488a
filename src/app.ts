// The Hono app: every route of the gateway, in one place.

import type { Context } from "hono";
import { Hono } from "hono";
import { anthropicMessagesServer } from "../providers/dialects/anthropic-messages/index.ts";
import { openaiChatServer } from "../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../providers/dialects/openai-responses/index.ts";
import type { Operation } from "../providers/endpoints/endpoint.ts";
import type { CallHandler } from "./api/asking.ts";
import { chat } from "./api/chat.ts";
import { preflight } from "./api/cors.ts";
import { countMessages } from "./api/count-messages.ts";
import type { ApiDeps } from "./api/deps.ts";
import { endpoint } from "./api/endpoint.ts";
import { errorDialect } from "./api/error-dialect.ts";
import { gemini } from "./api/gemini.ts";
import { getGeneration } from "./api/generations.ts";
import { getKey, revokeOwnKey } from "./api/key.ts";
import { getMetrics, type MetricsDeps } from "./api/metrics.ts";
import { getModel, listGeminiModels, listModels } from "./api/models.ts";
import { deleteResponse, getResponse, listInputItems } from "./api/responses/routes.ts";
import { readTurn } from "./api/responses/turn.ts";
import { exchangeToken } from "./api/token.ts";
import { GatewayError } from "./errors.ts";
import { errorHeaders, errorView } from "./gateway/respond.ts";

export interface AppDeps extends ApiDeps, MetricsDeps {
  /** The operators' side, mounted at `/admin/v1`. */
  readonly admin: Hono;
}

export interface App {
  readonly app: Hono;
  /** The handlers of calls by their paths, all POST, for a server that can do without a router. */
  readonly lanes: ReadonlyMap<string, CallHandler>;
}

/** Builds the app. It holds no state of its own and imports nothing of a runtime. */
export function createApp(deps: AppDeps): App {
  const app = new Hono();
  const lanes = new Map<string, CallHandler>();
  const call = (path: string, handler: CallHandler): void => {
    lanes.set(path, handler);
    route(app, "POST", path, handler);
  };

  for (const base of ["/v1", "/v1beta", "/openai", "/anthropic", "/gemini"]) app.options(`${base}/*`, preflight);
  for (const base of ["/v1", "/openai/v1"]) {
    call(`${base}/chat/completions`, chat(openaiChatServer, deps));
    for (const [path, operation] of Object.entries(endpoints)) {
      call(`${base}/${path}`, endpoint(operation, deps));
    }
    route(app, "GET", `${base}/models`, listModels(deps));
    app.get(`${base}/models/:id{.+}`, getModel(deps));
  }
  for (const base of ["/v1", "/anthropic/v1"]) {
    call(`${base}/messages`, chat(anthropicMessagesServer, deps));
    call(`${base}/messages/count_tokens`, countMessages(deps));
  }
  for (const base of ["/v1", "/openai/v1"]) {
    const { library, storing } = deps;
    const turns = { library, storing, report: deps.run.report };
    const respond = chat(openaiResponsesServer, deps, { readTurn: (call, caller) => readTurn(call, caller, turns) });
    call(`${base}/responses`, respond);
    routes(app, `${base}/responses/:id`, { GET: getResponse(deps), DELETE: deleteResponse(deps) });
    route(app, "GET", `${base}/responses/:id/input_items`, listInputItems(deps));
  }
  // Google's SDKs say `v1beta` or `v1`, by their version.
  for (const base of ["/v1beta", "/gemini/v1beta", "/v1", "/gemini/v1"]) {
    route(app, "POST", `${base}/models/:target{.+}`, gemini(deps));
  }
  // Vercel's AI SDK takes a model's name with a slash for a path of its own and puts no `models/` before it.
  for (const base of ["/v1beta", "/gemini/v1beta"]) route(app, "POST", `${base}/:target{.+:[A-Za-z]+}`, gemini(deps));
  for (const base of ["/v1beta", "/gemini/v1beta", "/gemini/v1"])
    route(app, "GET", `${base}/models`, listGeminiModels(deps));
  route(app, "POST", "/v1/token", exchangeToken(deps));
  route(app, "GET", "/v1/key", getKey(deps));
  route(app, "POST", "/v1/key/revoke", revokeOwnKey(deps));
  route(app, "GET", "/v1/generations/:id", getGeneration(deps));

  app.route("/admin/v1", deps.admin);

  route(app, "GET", "/metrics", getMetrics(deps));
  route(app, "GET", "/healthz", (c) => c.json({ status: "ok" }));
  route(app, "GET", "/readyz", async (c) => {
    if (deps.running.closing) return c.json({ status: "stopping" }, 503);
    if (!deps.journal.healthy) return c.json({ status: "usage can't be recorded" }, 503);
    try {
      await deps.store.ping();
      return c.json({ status: "ok" });
    } catch {
      return c.json({ status: "the database does not answer" }, 503);
    }
  });

  app.notFound((c) =>
    fail(c, deps, new GatewayError("not_found", `There is no endpoint ${c.req.method} ${c.req.path.slice(0, 200)}.`)),
  );
  app.onError((error, c) => {
    if (error instanceof GatewayError) {
      deps.watch.refuses(c, error.code);
      return fail(c, deps, error);
    }
    const id = deps.newCallId();
    deps.run.report(error, id);
    return fail(
      c,
      deps,
      new GatewayError("internal_error", "This gateway failed to handle the request. The operator's log says why."),
      id,
    );
  });
  return { app, lanes };
}

/** Beside chat, by their paths. */
const endpoints: Readonly<Record<string, Operation>> = {
  embeddings: "embeddings",
  completions: "completions",
  moderations: "moderations",
  "images/generations": "images",
  "images/edits": "image_edits",
  "audio/speech": "speech",
  "audio/transcriptions": "transcriptions",
  "audio/translations": "translations",
  rerank: "rerank",
};

type Handler = (c: Context) => Response | Promise<Response>;

/** A route, and a 405 for every other method on its path. */
function route(app: Hono, method: "GET" | "POST", path: string, handler: Handler): void {
  routes(app, path, { [method]: handler });
}

/** Routes of one path by their methods, and a 405 for every other one. */
function routes(app: Hono, path: string, handlers: Readonly<Record<string, Handler>>): void {
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler);
  const allowed = Object.keys(handlers).join(", ");
  app.all(path, (c) => {
    c.header("allow", allowed);
    throw new GatewayError("method_not_allowed", `${c.req.path.slice(0, 200)} takes ${allowed}, not ${c.req.method}.`);
  });
}

function fail(c: Context, deps: AppDeps, error: GatewayError, id: string = deps.newCallId()): Response {
  const dialect = errorDialect(c.req.path, (name) => c.req.header(name) ?? null);
  const body = JSON.stringify(dialect.error(errorView(error, id)));
  return c.body(body, {
    status: error.status as 400,
    headers: { ...errorHeaders(error), "content-type": "application/json", "x-request-id": id },
  } as never);
}
