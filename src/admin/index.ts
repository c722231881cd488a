// The operators' surface, mounted at /admin/v1: every route and every rule that holds for all of them.
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Hono } from "hono";
import { GatewayError } from "../errors.ts";
import { newId } from "../keys/id.ts";
import { mountAdmins } from "./admins.ts";
import { mountAlerts } from "./alerts.ts";
import { mountAliases } from "./aliases.ts";
import { mountAudit } from "./audit.ts";
import { mountAuditProof } from "./audit-proof.ts";
import { mountAuditReport } from "./audit-report.ts";
import { announced, audited } from "./audited.ts";
import { limitBody, readBody } from "./body.ts";
import { mountCredentials } from "./credentials.ts";
import { mountCredits } from "./credits.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { adminDocument } from "./document.ts";
import { errorResponse, knownError, validationError } from "./errors.ts";
import { gate } from "./gate.ts";
import { idempotent } from "./idempotency.ts";
import { mountInvoices } from "./invoices.ts";
import { mountKeyBulk } from "./key-bulk.ts";
import { mountKeyChanges } from "./key-changes.ts";
import { mountKeyRotation } from "./key-rotation.ts";
import { mountKeys } from "./keys.ts";
import { mountLevels } from "./levels.ts";
import { limited } from "./limited.ts";
import { mountMe } from "./me.ts";
import { mountModels } from "./models.ts";
import { mountPromptLogs } from "./prompt-logs.ts";
import { mountProviders } from "./providers.ts";
import { createReader } from "./reader.ts";
import { mountReferences } from "./references.ts";
import { mountRefusals } from "./refusals.ts";
import { mountRoles } from "./roles.ts";
import { mountRoutePlan } from "./route-plan.ts";
import { mountRules } from "./rules.ts";
import { mountSession } from "./session.ts";
import { mountSessionOidc } from "./session-oidc.ts";
import { mountUsage } from "./usage.ts";
import { mountVault } from "./vault.ts";
import { mountWebhooks } from "./webhooks.ts";

/** Builds the admin surface. It holds no state but the count of failed authentications. */
export function createAdmin(deps: AdminDeps): Hono {
  const app = new OpenAPIHono<AdminEnv>({
    defaultHook: (result) => {
      if (!result.success) throw validationError(result.error);
    },
  });

  app.use(async (c, next) => {
    c.set("requestId", newId("req", deps.clock.now()));
    await next();
    c.header("x-request-id", c.var.requestId);
  });
  // Public: it tells what the documentation tells.
  // Made once: it takes a tenth of a second, and is for everybody.
  let document: string | null = null;
  app.get("/openapi.json", (c) => {
    document ??= JSON.stringify(adminDocument());
    return c.body(document, 200, { "content-type": "application/json" });
  });
  const reader = createReader((inner) => mountAll(inner, deps));
  app.use(audited(deps, reader), gate(deps), limitBody, readBody, idempotent(deps), announced(deps, reader));
  app.use(limited(deps, (inner, store) => mountAll(inner, { ...deps, store })));
  mountAll(app, deps);

  app.all("*", () => {
    throw new GatewayError("not_found", "There is no such endpoint.");
  });
  app.onError((error, c) => {
    const known = knownError(error);
    if (known === null) deps.onError?.(error, c.var.requestId);
    const shown =
      known ?? new GatewayError("internal_error", "The gateway failed. Its log has more under this request id.");
    return errorResponse(c, shown, c.var.requestId);
  });
  // What a request carries on its way here is nobody else's business.
  return app as unknown as Hono;
}

function mountAll(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  mountKeys(app, deps);
  mountKeyChanges(app, deps);
  mountKeyRotation(app, deps);
  mountKeyBulk(app, deps);
  mountLevels(app, deps);
  mountCredits(app, deps);
  mountInvoices(app, deps);
  mountModels(app, deps);
  mountAliases(app, deps);
  mountProviders(app, deps);
  mountReferences(app, deps);
  mountCredentials(app, deps);
  mountVault(app, deps);
  mountRoutePlan(app, deps);
  mountAlerts(app, deps);
  mountUsage(app, deps);
  mountRefusals(app, deps);
  mountRules(app, deps);
  mountPromptLogs(app, deps);
  mountAdmins(app, deps);
  mountRoles(app, deps);
  mountMe(app, deps);
  mountSession(app, deps);
  mountSessionOidc(app, deps);
  mountWebhooks(app, deps);
  mountAudit(app, deps);
  mountAuditProof(app, deps);
  mountAuditReport(app, deps);
}
