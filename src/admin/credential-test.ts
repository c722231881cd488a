// Checks a credential against its provider with the cheapest request that proves something, and says what is wrong.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { UpstreamRequest } from "../../providers/define.ts";
import { type FailureKind, ProviderError, type ProviderFailure } from "../../providers/dialects/failure.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { type AskDeps, exchange } from "../gateway/ask-provider.ts";
import { type ChatCall, readCall } from "../gateway/call.ts";
import { ConversationReader, prepare, upstreamHeaders } from "../gateway/prepare.ts";
import type { Transport } from "../gateway/transport.ts";
import type { Connection } from "../vault/credentials.ts";
import type { Secret } from "../vault/secret.ts";

export interface CredentialTestDeps {
  readonly catalog: Catalog;
  readonly clock: Clock;
  openTransport(): Transport;
}

export interface CredentialTestResult {
  readonly ok: boolean;
  /** `ok`, or the kind of failure. */
  readonly result: string;
  /** For operators; nothing of the credential is in it. */
  readonly message: string;
  /** What was asked: the provider's list of models, or a call of one token at this model. */
  readonly asked: string;
  readonly httpStatus: number | null;
  readonly durationMs: number;
}

/** Whoever asks waits for it. */
const limits = { firstByteTimeoutMs: 15_000, idleTimeoutMs: 15_000 };

/** Where the list of models is, by dialect; it costs nothing. */
const listPaths: Readonly<Record<string, string>> = {
  "openai-chat": "/models",
  "openai-responses": "/models",
  "anthropic-messages": "/v1/models?limit=1",
  gemini: "/models?pageSize=1",
  cohere: "/v1/models?page_size=1",
};

const told: Readonly<Record<FailureKind, string>> = {
  authentication: "refuses the credential: it is unknown, revoked, or for another region or account",
  permission: "knows the credential, which may not do this",
  quota: "knows the credential, whose account has no quota or money left",
  rate_limit: "knows the credential, whose limits are reached at the moment",
  overloaded: "is overloaded at the moment: try again",
  not_found: "has nothing at this address: look at `base_url`, the region, the project or the model",
  timeout: "did not answer in time",
  network: "can't be reached: look at `base_url`, the region and this machine's network",
  server: "failed to answer: try again",
  protocol: "answered something that is not its own format: look at `base_url`",
  context_length: "refused the request",
  content_filter: "refused the request",
  bad_request: "refused the request",
};

/**
 * One request, or three: a list of models proves nothing where anybody may read it, and is then followed by a call of one token.
 * @param model a model of the provider for that call; the cheapest one of the catalogue when absent.
 */
export async function testCredential(
  connection: Connection,
  model: string | null,
  deps: CredentialTestDeps,
): Promise<CredentialTestResult> {
  const transport = deps.openTransport();
  const began = deps.clock.monotonic();
  const ended = (result: Omit<CredentialTestResult, "durationMs">): CredentialTestResult => ({
    ...result,
    durationMs: Math.round(deps.clock.monotonic() - began),
  });
  try {
    const { secret } = connection;
    const send = (request: UpstreamRequest, as: Secret | null): Promise<ProviderFailure | null> =>
      sent(request, { connection, secret: as }, { transport, limits });
    const list = model === null ? listOf(connection) : null;
    if (list !== null) {
      const failure = await send(list, secret);
      const proves = failure === null ? secret === null || (await send(list, null)) !== null : conclusive(failure);
      if (proves) return ended(resultOf(connection, secret, failure, "models"));
    }
    const call = callOf(connection, model, deps.catalog);
    if (call === null) {
      const message = "No model of this provider is known to call: name one as `model`.";
      return ended({ ok: false, result: "no_model", message, asked: "nothing", httpStatus: null });
    }
    return ended(resultOf(connection, secret, await send(call.request, secret), call.model));
  } catch (error) {
    // A reference that waits for its manager, or an identity that can't be had.
    if (!(error instanceof ProviderError)) throw error;
    return ended(resultOf(connection, null, error.failure, "nothing"));
  } finally {
    await transport.close();
  }
}

/** What the provider said of the credential, whatever it thinks of the request. */
function conclusive({ kind }: ProviderFailure): boolean {
  return !["not_found", "bad_request", "protocol", "permission"].includes(kind);
}

async function sent(
  request: UpstreamRequest,
  { connection, secret }: { readonly connection: Connection; readonly secret: Secret | null },
  deps: AskDeps,
): Promise<ProviderFailure | null> {
  const { dialect } = connection.provider;
  if (dialect === null) throw new Error("only providers that chat are asked for models");
  try {
    await exchange(request, { connection, dialect, secret }, deps);
    return null;
  } catch (error) {
    if (error instanceof ProviderError) return error.failure;
    throw error;
  }
}

function listOf({ provider, baseUrl }: Connection): UpstreamRequest | null {
  const path = listPaths[provider.dialect?.id ?? ""];
  if (path === undefined) return null;
  return { method: "GET", baseUrl, path, headers: upstreamHeaders(provider, { stream: false }), body: "" };
}

/** A call of one token; null where no model is known. */
function callOf(
  connection: Connection,
  wanted: string | null,
  catalog: Catalog,
): { readonly request: UpstreamRequest; readonly model: string } | null {
  const { provider } = connection;
  const model = wanted ?? cheapest(provider.id, catalog);
  if (model === null || provider.dialect === null) return null;
  const body = { model, messages: [{ role: "user", content: "Hi" }], max_tokens: 1, drop_params: true };
  const call = readCall({
    ...{ id: "req_test", dialect: openaiChatServer, rawBody: JSON.stringify(body), header: () => null },
    ...{ openedAtMs: 0, startedAt: 0 },
  }) as ChatCall;
  const deployment = { connection, model, facts: null, traits: {} };
  try {
    return { request: prepare(call, new ConversationReader(call), deployment).request, model };
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

function cheapest(provider: string, catalog: Catalog): string | null {
  let best: { readonly model: string; readonly price: number } | null = null;
  for (const rows of catalog.models().values()) {
    for (const row of rows) {
      if (row.provider !== provider || row.mode !== "chat") continue;
      const price = Number(row.prices?.output ?? Number.POSITIVE_INFINITY);
      if (best === null || price < best.price) best = { model: row.providerModelId, price };
    }
  }
  return best?.model ?? null;
}

function resultOf(
  { provider }: Connection,
  secret: Secret | null,
  failure: ProviderFailure | null,
  asked: string,
): Omit<CredentialTestResult, "durationMs"> {
  if (failure === null) {
    return { ok: true, result: "ok", message: `${provider.name} takes the credential.`, asked, httpStatus: 200 };
  }
  const { kind, status, code } = failure;
  // Of a refused credential providers repeat a part.
  const own = kind === "authentication" ? "" : `: ${(secret?.scrub(failure.message) ?? failure.message).slice(0, 300)}`;
  const where = [status === null ? "" : `HTTP ${status}`, code ?? ""].filter((one) => one !== "").join(", ");
  const message = `${provider.name} ${told[kind]}${where === "" ? "" : ` (${where})`}${own}`;
  return { ok: kind === "rate_limit", result: kind, message, asked, httpStatus: status };
}
