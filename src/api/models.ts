// GET /v1/models: what the caller may use, in OpenAI's shape, with the catalogue's facts beside it.
import type { Context } from "hono";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { GatewayError } from "../errors.ts";
import { operations } from "../gateway/operations.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";

interface ModelView {
  readonly id: string;
  readonly object: "model";
  /** Epoch seconds of the release; 0 when unknown (OpenAI's shape wants a number). */
  readonly created: number;
  readonly owned_by: string;
  readonly name: string;
  readonly context_length: number | null;
  readonly max_output_tokens: number | null;
  readonly input_modalities: readonly string[];
  readonly output_modalities: readonly string[];
  /** USD per million tokens, as exact decimal text, at the cheapest provider; null when unknown. */
  readonly pricing: { readonly input: string; readonly output: string } | null;
  readonly providers: readonly string[];
  /** What it can be called for: `chat`, `embeddings`, `rerank`, … */
  readonly endpoints: readonly string[];
}

export function listModels(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    await authenticate((name) => c.req.header(name) ?? null, new URL(c.req.url), deps);
    return c.req.header("anthropic-version") === undefined
      ? c.json({ object: "list", data: callableModels(deps) })
      : c.json(anthropicList(callableModels(deps, "chat")));
  };
}

/** `GET /v1beta/models`: the same list in Gemini's shape. */
export function listGeminiModels(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    await authenticate((name) => c.req.header(name) ?? null, new URL(c.req.url), deps);
    const models = callableModels(deps, "chat").map((model) => ({
      name: `models/${model.id}`,
      displayName: model.name,
      ...(model.context_length !== null && { inputTokenLimit: model.context_length }),
      ...(model.max_output_tokens !== null && { outputTokenLimit: model.max_output_tokens }),
      supportedGenerationMethods: ["generateContent", "streamGenerateContent", "countTokens"],
    }));
    return c.json({ models });
  };
}

function callableModels(deps: ApiDeps, endpoint?: string): ModelView[] {
  const data: ModelView[] = [];
  for (const [canonical, rows] of deps.catalog.models()) {
    const callable = rows.filter((row) => {
      const served = endpointsOf(row, deps);
      return endpoint === undefined ? served.length > 0 : served.includes(endpoint);
    });
    if (callable.length > 0) data.push(view(canonical, callable, deps));
  }
  return data;
}

/** What a row can be called for here: by its mode, and by what its provider is connected for. */
function endpointsOf(row: ModelFacts, { connections }: ApiDeps): readonly string[] {
  const provider = connections.get(row.provider)?.provider;
  if (provider === undefined) return [];
  const served = row.mode === "chat" && provider.dialect !== null ? ["chat"] : [];
  for (const [operation, facts] of Object.entries(operations)) {
    if (!Object.hasOwn(provider.endpoints, operation) || !facts.fits(row)) continue;
    // Chat models may be tried for legacy completions, but only those that are made for them are said to do it.
    if (operation !== "completions" || row.mode === "completion") served.push(operation);
  }
  return served;
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
    await authenticate((name) => c.req.header(name) ?? null, new URL(c.req.url), deps);
    const path = new URL(c.req.url).pathname;
    const name = decodeURIComponent(path.slice(path.indexOf("/models/") + "/models/".length));
    const resolution = deps.catalog.resolve(name);
    const rows =
      resolution.kind === "model" ? resolution.deployments.filter((row) => deps.connections.has(row.provider)) : [];
    if (resolution.kind !== "model" || rows.length === 0) {
      throw new GatewayError(
        "model_not_found",
        `The model \`${name.slice(0, 200)}\` does not exist, or you may not use it.`,
        {
          param: "model",
        },
      );
    }
    return c.json(view(resolution.canonical, rows, deps));
  };
}

function view(canonical: string, rows: readonly ModelFacts[], deps: ApiDeps): ModelView {
  const [first] = rows;
  const priced = rows
    .filter((row) => row.prices?.input !== undefined && row.prices.output !== undefined && !row.zeroPrice)
    .toSorted((a, b) => Number(a.prices?.input) - Number(b.prices?.input))[0];
  const released = Date.parse(first?.releaseDate ?? "");
  return {
    id: canonical,
    object: "model",
    created: Number.isNaN(released) ? 0 : Math.floor(released / 1000),
    owned_by: canonical.slice(0, Math.max(0, canonical.indexOf("/"))),
    name: first?.name ?? canonical,
    context_length: largest(rows.map((row) => row.contextWindow)),
    max_output_tokens: largest(rows.map((row) => row.maxOutputTokens)),
    input_modalities: first?.inputModalities ?? [],
    output_modalities: first?.outputModalities ?? [],
    pricing:
      priced?.prices?.input === undefined || priced.prices.output === undefined
        ? null
        : { input: priced.prices.input, output: priced.prices.output },
    providers: [...new Set(rows.map((row) => row.provider))],
    endpoints: [...new Set(rows.flatMap((row) => endpointsOf(row, deps)))],
  };
}

function largest(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}
