// Asks a provider of the caller's own dialect to count a request's tokens.
import type { Target } from "../../providers/dialects/dialect.ts";
import type { Deployment } from "../router/deployment.ts";
import { askProvider } from "./ask-provider.ts";
import type { ChatCall } from "./call.ts";
import { forwardedHeaders, upstreamHeaders } from "./prepare.ts";
import type { RunDeps } from "./run.ts";
import { spliceBody } from "./splice.ts";

/**
 * The provider's own answer, as it came; null where it does not speak the caller's dialect or does not count.
 * @throws GatewayError when it refuses.
 */
export async function countAtProvider(
  call: ChatCall,
  { connection, model, traits }: Deployment,
  deps: Pick<RunDeps, "transport" | "limits">,
): Promise<Uint8Array | null> {
  const { provider, baseUrl } = connection;
  const dialects = provider.dialectsFor?.(model) ?? provider.dialects;
  const dialect = dialects.find(({ id }) => id === call.dialect.id);
  const target: Target = { providerId: provider.id, model, traits };
  const path = dialect?.countPath?.(target);
  if (dialect === undefined || path === undefined) return null;
  const request = {
    method: "POST" as const,
    baseUrl,
    path,
    headers: { ...upstreamHeaders(provider, { stream: false }), ...forwardedHeaders(call, provider) },
    body: spliceBody(call.rawBody, (dialect.countEdits ?? dialect.edits)(call.body, target)),
  };
  return askProvider(request, { connection, dialect }, deps);
}
