// Asks a provider of the caller's own dialect to count a request's tokens.
import type { UpstreamRequest } from "../../providers/define.ts";
import type { Target } from "../../providers/dialects/dialect.ts";
import { ProviderError } from "../../providers/dialects/failure.ts";
import type { Deployment } from "../router/deployment.ts";
import { Attempt } from "./attempt.ts";
import type { ChatCall } from "./call.ts";
import { toGatewayError } from "./failover.ts";
import { forwardedHeaders, upstreamHeaders } from "./prepare.ts";
import { joined } from "./read-whole.ts";
import { type AnswerReader, nothing } from "./readers.ts";
import type { RunDeps } from "./run.ts";
import { spliceBody } from "./splice.ts";

/**
 * The provider's own answer, as it came; null where it does not speak the caller's dialect or does not count.
 * @throws GatewayError when it refuses.
 */
export async function countAtProvider(
  call: ChatCall,
  deployment: Deployment,
  deps: Pick<RunDeps, "transport" | "limits">,
): Promise<Uint8Array | null> {
  const { provider, secret, baseUrl } = deployment.connection;
  const dialects = provider.dialectsFor?.(deployment.model) ?? provider.dialects;
  const dialect = dialects.find(({ id }) => id === call.dialect.id);
  const target: Target = { providerId: provider.id, model: deployment.model, traits: deployment.traits };
  const path = dialect?.countPath?.(target);
  if (dialect === undefined || path === undefined) return null;
  const request = {
    method: "POST" as const,
    baseUrl,
    path,
    headers: { ...upstreamHeaders(provider, { stream: false }), ...forwardedHeaders(call, provider) },
    body: spliceBody(call.rawBody, (dialect.countEdits ?? dialect.edits)(call.body, target)),
  };
  const shown = { name: provider.name, scrub: (text: string) => secret?.scrub(text) ?? text };
  let authorised: UpstreamRequest = request;
  try {
    if (secret !== null) authorised = await provider.authorize(request, secret.reveal());
  } catch (error) {
    throw error instanceof ProviderError ? toGatewayError(error.failure, shown) : error;
  }
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const reader: AnswerReader = {
      push: (bytes) => {
        pieces.push(bytes);
        return nothing;
      },
      end: () => nothing,
      tail: () => "",
      fail: () => "",
      usage: null,
      finishReason: null,
      seen: () => ({ sample: "", scale: 1 }),
    };
    new Attempt({
      transport: deps.transport,
      request: authorised,
      failures: dialect,
      reader,
      stream: false,
      limits: deps.limits,
      host: {
        onAccepted: () => {},
        onStep: () => {},
        onDone: () =>
          resolve(
            joined(
              pieces,
              pieces.reduce((size, piece) => size + piece.length, 0),
            ),
          ),
        onFailed: (failure) => reject(toGatewayError(failure, shown)),
      },
    }).start();
  });
}
