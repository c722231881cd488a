// GET /metrics: for Prometheus, to administrators' keys, or to anybody where the operator says so.
import type { Context } from "hono";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey } from "../keys/refusal.ts";
import { clientAddress } from "../limits/addresses.ts";
import { metricsType } from "../observe/metrics.ts";
import type { ApiDeps } from "./deps.ts";

export interface MetricsDeps extends Pick<ApiDeps, "administrators" | "peerAddress" | "trustedProxies"> {
  /** The metrics as of now, in Prometheus' text format: of this process, or of all that serve. */
  metricsText(): string | Promise<string>;
  /** `open` shows them to anybody. */
  readonly metricsFor: "admins" | "open";
}

/** @throws GatewayError as `presentedSecret`; `invalid_api_key`; `rate_limit_exceeded` after too many of those. */
export function getMetrics(deps: MetricsDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    if (deps.metricsFor === "admins") await admit(c, deps);
    return c.body(await deps.metricsText(), 200, { "content-type": metricsType, "cache-control": "no-store" });
  };
}

async function admit(c: Context, { administrators, peerAddress, trustedProxies }: MetricsDeps): Promise<void> {
  const header = (name: string): string | null => c.req.header(name) ?? null;
  const secret = presentedSecret(header, c.req.url);
  const address = clientAddress(peerAddress(c), header("x-forwarded-for"), trustedProxies);
  if ((await administrators.recognise(secret, address ?? "unknown")) === null) throw invalidApiKey();
}
