// What the trail is told of logins, sessions and second factors, which no table of endpoints names.
import type { Context } from "hono";
import type { AuditEvent } from "../audit/event.ts";
import { addressOf } from "./authenticate.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";

type Told = Pick<AuditEvent, "action" | "outcome"> &
  Partial<Pick<AuditEvent, "actor" | "target" | "reason" | "before" | "after">>;

/** Tells it of the caller, unless another actor is given. Resolves when it can't be lost any more. */
export function tell(c: Context<AdminEnv>, deps: AdminDeps, told: Told): Promise<void> {
  const userAgent = c.req.header("user-agent");
  const admin = c.get("admin");
  const actor =
    admin === undefined ? ({ type: "anonymous", id: "" } as const) : ({ type: "admin", id: admin.id } as const);
  return deps.trail.record({
    actor,
    target: admin === undefined ? null : { type: "admin", id: admin.id },
    ...told,
    requestId: c.var.requestId,
    address: addressOf(c, deps),
    ...(userAgent !== undefined && { userAgent }),
  });
}
