// GET /v1/models: what the caller may use: the operator's own names, and the models of the catalogue.
import type { Context } from "hono";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { GatewayError } from "../errors.ts";
import { poolOf, poolsOf } from "../vault/pools.ts";
import { namedModel, namedModels } from "./alias-models.ts";
import { allowedTo, keepingTo } from "./allowed.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { endpointsOf, type Listing, type ModelView, modelView } from "./model-view.ts";

export function listModels(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    const listing = await listingFor(c, deps);
    return c.req.header("anthropic-version") === undefined
      ? c.json({ object: "list", data: callableModels(listing) })
      : c.json(anthropicList(callableModels(listing, "chat")));
  };
}

/** `GET /v1beta/models`: the same list in Gemini's shape. */
export function listGeminiModels(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    const models = callableModels(await listingFor(c, deps), "chat").map((model) => ({
      name: `models/${model.id}`,
      displayName: model.name,
      ...(model.context_length !== null && { inputTokenLimit: model.context_length }),
      ...(model.max_output_tokens !== null && { outputTokenLimit: model.max_output_tokens }),
      supportedGenerationMethods: ["generateContent", "streamGenerateContent", "countTokens"],
    }));
    return c.json({ models });
  };
}

async function listingFor(c: Context, deps: ApiDeps): Promise<Listing> {
  const { key, scopes } = await authenticate(c, deps);
  const { catalog, connections, aliases } = deps;
  return { catalog, pools: keepingTo(scopes, poolsOf(connections, key.customer)), aliases, allowed: allowedTo(scopes) };
}

function callableModels(listing: Listing, endpoint?: string): ModelView[] {
  const data = namedModels(listing).filter(({ endpoints }) => endpoint === undefined || endpoints.includes(endpoint));
  for (const [canonical, rows] of listing.catalog.models()) {
    const callable = rows.filter((row) => {
      if (!listing.allowed.row(canonical, row)) return false;
      const served = endpointsOf(row, listing);
      return endpoint === undefined ? served.length > 0 : served.includes(endpoint);
    });
    if (callable.length > 0) data.push(modelView(canonical, callable, listing));
  }
  return data;
}

/** Anthropic's clients read another shape (Anthropic API, "List Models"); they say who they are by their version header. */
function anthropicList(models: readonly ModelView[]): Record<string, unknown> {
  return {
    data: models.map(({ id, name, created }) => ({
      type: "model",
      id,
      display_name: name,
      created_at: new Date(created * 1000).toISOString(),
    })),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}

export function getModel(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    const listing = await listingFor(c, deps);
    const path = new URL(c.req.url).pathname;
    const name = decodeURIComponent(path.slice(path.indexOf("/models/") + "/models/".length));
    const named = namedModel(name, listing);
    if (named !== null) return c.json(named);
    const resolution = listing.catalog.resolve(name);
    const mayCall = (row: ModelFacts) => poolOf(row, listing.pools).length > 0 && listing.allowed.row(name, row);
    const rows = resolution.kind === "model" ? resolution.deployments.filter(mayCall) : [];
    if (resolution.kind !== "model" || rows.length === 0) {
      throw new GatewayError(
        "model_not_found",
        `The model \`${name.slice(0, 200)}\` does not exist, or you may not use it.`,
        {
          param: "model",
        },
      );
    }
    return c.json(modelView(resolution.canonical, rows, listing));
  };
}
