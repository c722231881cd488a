// Asks a provider something beside any call, with the identity of a connection: one request, its whole answer, no failover.
import type { UpstreamRequest } from "../../providers/define.ts";
import { ProviderError } from "../../providers/dialects/failure.ts";
import type { Connection } from "../vault/credentials.ts";
import type { Secret } from "../vault/secret.ts";
import { Attempt, type AttemptLimits, type FailureReader } from "./attempt.ts";
import { toGatewayError } from "./failover.ts";
import { type AnswerReader, nothing } from "./readers.ts";
import type { Transport } from "./transport.ts";
import { joined } from "./whole-body.ts";

/** Whom to ask: a connection, and the dialect in which its failures are read. */
export interface Asked {
  readonly connection: Connection;
  readonly dialect: FailureReader;
}

export interface AskDeps {
  readonly transport: Transport;
  readonly limits: AttemptLimits;
}

/**
 * The body of the provider's answer, as it came. A refused credential is asked for another value once.
 * @param request not authorised yet.
 * @throws GatewayError when the provider refuses or can't be reached.
 */
export async function askProvider(request: UpstreamRequest, asked: Asked, deps: AskDeps): Promise<Uint8Array> {
  const { provider, source } = asked.connection;
  let used: Secret | null = null;
  const ask = async (): Promise<Uint8Array> => {
    used = asked.connection.secret;
    return exchange(request, { ...asked, secret: used }, deps);
  };
  const renewed = async (error: unknown): Promise<boolean> => {
    if (!(error instanceof ProviderError) || error.failure.kind !== "authentication" || used === null) return false;
    return (await source?.renew(used)) ?? false;
  };
  try {
    return await ask().catch(async (error: unknown) => {
      if (await renewed(error)) return ask();
      throw error;
    });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw toGatewayError(error.failure, { name: provider.name, scrub: (text) => used?.scrub(text) ?? text });
  }
}

/**
 * One request with this secret, and the body of its answer.
 * @throws ProviderError when the provider refuses or can't be reached. Its message is the provider's own, secrets included.
 */
export async function exchange(
  request: UpstreamRequest,
  { connection: { provider }, dialect, secret }: Asked & { readonly secret: Secret | null },
  { transport, limits }: AskDeps,
): Promise<Uint8Array> {
  const authorised = secret === null ? request : await provider.authorize(request, secret.reveal());
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    new Attempt({
      transport,
      failures: dialect,
      reader: collecting(pieces),
      stream: false,
      limits,
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
        onFailed: (failure) => reject(new ProviderError(failure)),
      },
    }).start(authorised);
  });
}

function collecting(pieces: Uint8Array[]): AnswerReader {
  return {
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
}
