// `x-turnpike-plan`: an answer's plan, for administrators who show their key beside the caller's own.
import { GatewayError } from "../errors.ts";
import { clientAddress } from "../limits/addresses.ts";
import { explainPlan, planHeader } from "../router/explain.ts";
import type { Plan } from "../router/plan.ts";
import type { Asking } from "./asking.ts";
import type { ApiDeps } from "./deps.ts";

/**
 * Whether the answer may tell the plan: the request shows an administrator's key. False at once where it shows none.
 * @throws GatewayError `invalid_api_key` when what it shows is none, `rate_limit_exceeded` after too many of those,
 * `permission_denied` when its administrator may not plan calls either.
 */
export function mayExplain(c: Asking, deps: ApiDeps): false | Promise<boolean> {
  const secret = c.req.header("x-turnpike-admin-key");
  return secret === undefined ? false : shows(secret, c, deps);
}

async function shows(
  secret: string,
  c: Asking,
  { administrators, mayReadPlans, peerAddress, trustedProxies }: ApiDeps,
): Promise<boolean> {
  const address = clientAddress(peerAddress(c), c.req.header("x-forwarded-for") ?? null, trustedProxies);
  const admin = await administrators.recognise(secret.trim(), address ?? "unknown");
  if (admin === null)
    throw new GatewayError("invalid_api_key", "The key in `x-turnpike-admin-key` is no administrator's.");
  if (await mayReadPlans(admin)) return true;
  throw new GatewayError(
    "permission_denied",
    "The administrator of `x-turnpike-admin-key` may not read plans: that takes `routes:read` for all customers.",
  );
}

/** The headers that tell the plan of an answer. */
export function planHeaders(plan: Plan, { run, clock }: ApiDeps): Readonly<Record<string, string>> {
  return { "x-turnpike-plan": planHeader(explainPlan(plan, run.router.measures, clock.now())) };
}
