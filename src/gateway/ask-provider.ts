// Asks a provider something beside any call, with the identity of a connection: one request, its whole answer, no failover.
import type { UpstreamRequest } from "../../providers/define.ts";
import type { ClientDialect } from "../../providers/dialects/dialect.ts";
import { ProviderError } from "../../providers/dialects/failure.ts";
import type { Connection } from "../vault/credentials.ts";
import { Attempt } from "./attempt.ts";
import { toGatewayError } from "./failover.ts";
import { type AnswerReader, nothing } from "./readers.ts";
import type { RunDeps } from "./run.ts";
import { joined } from "./whole-body.ts";

/**
 * The body of the provider's answer, as it came.
 * @param request not authorised yet.
 * @throws GatewayError when the provider refuses or can't be reached.
 */
export async function askProvider(
  request: UpstreamRequest,
  { connection, dialect }: { readonly connection: Connection; readonly dialect: ClientDialect },
  { transport, limits }: Pick<RunDeps, "transport" | "limits">,
): Promise<Uint8Array> {
  const { provider, secret } = connection;
  const shown = { name: provider.name, scrub: (text: string) => secret?.scrub(text) ?? text };
  let authorised = request;
  try {
    if (secret !== null) authorised = await provider.authorize(request, secret.reveal());
  } catch (error) {
    throw error instanceof ProviderError ? toGatewayError(error.failure, shown) : error;
  }
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    new Attempt({
      transport,
      request: authorised,
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
        onFailed: (failure) => reject(toGatewayError(failure, shown)),
      },
    }).start();
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
