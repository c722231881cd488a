// Asks the provider that keeps a response for it, with the connection that it was made with.
import { openaiResponsesServer } from "../../../providers/dialects/openai-responses/index.ts";
import { GatewayError } from "../../errors.ts";
import { askProvider } from "../../gateway/ask-provider.ts";
import { upstreamHeaders } from "../../gateway/prepare.ts";
import type { RunDeps } from "../../gateway/run.ts";
import type { ResponseRecord } from "../../store/port-responses.ts";
import type { Connection } from "../../vault/credentials.ts";

export interface KeeperDeps {
  readonly connections: ReadonlyMap<string, Connection>;
  readonly run: Pick<RunDeps, "transport" | "limits">;
}

export interface Question {
  readonly method: "GET" | "DELETE";
  /** Below the response: `/input_items`, or nothing. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * The provider's answer, as it came; null when it has no such response any more.
 * @throws GatewayError when it can't be asked, or refuses.
 */
export async function askKeeper(
  { id, keeper }: ResponseRecord,
  { method, path, query }: Question,
  { connections, run }: KeeperDeps,
): Promise<Uint8Array | null> {
  const connection = connections.get(keeper ?? "");
  const dialect = connection?.provider.dialects.find((known) => known.id === openaiResponsesServer.id);
  if (connection === undefined || dialect === undefined) {
    const message =
      "This response is stored by a provider that this gateway has no key of any more. The operator can add it.";
    throw new GatewayError("no_deployment_available", message);
  }
  const request = {
    method,
    baseUrl: connection.baseUrl,
    path: `/responses/${encodeURIComponent(id)}${path}${query.size === 0 ? "" : `?${query}`}`,
    headers: upstreamHeaders(connection.provider, { stream: false }),
    body: "",
  };
  try {
    return await askProvider(request, { connection, dialect }, run);
  } catch (error) {
    if (error instanceof GatewayError && error.status === 404) return null;
    throw error;
  }
}
