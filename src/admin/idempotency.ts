// `Idempotency-Key`: a POST that is sent again is answered again, and done once.
import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { GatewayError } from "../errors.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";

/** Visible ASCII, as header values are. */
const shape = /^[\x21-\x7e]{1,255}$/;

/**
 * Answers are remembered for 24 hours, each administrator's own, and only those whose handler said what to remember
 * (`replay`): an answer with a secret is remembered without it. Failures are not remembered, and may be tried again.
 */
export function idempotent(deps: AdminDeps): MiddlewareHandler<AdminEnv> {
  const { idempotency } = deps.store;
  return async (c, next) => {
    const key = c.req.header("idempotency-key");
    if (c.req.method !== "POST" || key === undefined || c.get("admin") === undefined) return next();
    if (!shape.test(key)) {
      const message = "`Idempotency-Key` takes 1 to 255 visible ASCII characters.";
      throw new GatewayError("invalid_request", message, { param: "Idempotency-Key" });
    }
    const scope = `admin:${c.var.admin.id}`;
    const claim = await idempotency.claim(scope, key, hashOf(c.req.path, c.var.bodyText), deps.clock.now());
    switch (claim.kind) {
      case "mismatch":
        throw new GatewayError("conflict", "This `Idempotency-Key` was used for a different request.");
      case "pending":
        throw new GatewayError("conflict", "The first request with this `Idempotency-Key` is still running.", {
          retryAfterMs: 1_000,
        });
      case "done":
        c.header("idempotent-replayed", "true");
        c.header("cache-control", "no-store");
        c.header("content-type", "application/json");
        return c.body(claim.body, claim.status as 200);
      case "new":
        await next();
    }
    const { status } = c.res;
    try {
      if (status < 300 && c.var.replay !== undefined) {
        await idempotency.complete(scope, key, status, JSON.stringify(c.var.replay));
      } else {
        await idempotency.release(scope, key);
      }
    } catch (error) {
      // It is done: losing an answer whose secret exists nowhere else would be worse than forgetting that it was given.
      deps.onError?.(error, c.var.requestId);
    }
  };
}

function hashOf(path: string, body: string): string {
  return createHash("sha256").update(`${path}\n${body}`).digest("hex");
}
