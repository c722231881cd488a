// The OpenAPI 3.1 document of the admin surface, from the declarations that also validate its requests.
import { OpenAPIHono } from "@hono/zod-openapi";
import { administratorRoutes } from "./admins-routes.ts";
import { alertRoutes } from "./alerts.ts";
import { aliasRoutes } from "./aliases.ts";
import { auditRoutes } from "./audit.ts";
import { auditProofRoutes } from "./audit-proof.ts";
import { auditReportRoutes } from "./audit-report.ts";
import { credentialRoutes } from "./credentials.ts";
import { creditRoutes } from "./credits.ts";
import { invoiceRoutes } from "./invoices.ts";
import { keyBulkRoutes } from "./key-bulk.ts";
import { keyChangeRoutes } from "./key-changes.ts";
import { keyRotationRoutes } from "./key-rotation.ts";
import { keyRoutes } from "./keys.ts";
import { levelRoutes } from "./level-routes.ts";
import { meRoutes } from "./me.ts";
import { modelRoutes } from "./models.ts";
import { promptLogRoutes } from "./prompt-logs.ts";
import { providerRoutes } from "./providers.ts";
import { referenceRoutes } from "./references.ts";
import { refusalRoutes } from "./refusals.ts";
import { routeRoutes } from "./route-plan.ts";
import { ruleRoutes } from "./rules.ts";
import { sessionRoutes } from "./session-view.ts";
import { usageRoutes } from "./usage.ts";
import { vaultRoutes } from "./vault.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Where the admin surface is mounted. */
export const adminPath = "/admin/v1";

/** The document, as an object to be serialised. */
export function adminDocument(): Readonly<Record<string, unknown>> {
  const { openAPIRegistry: registry, getOpenAPI31Document } = new OpenAPIHono();
  registry.registerComponent("securitySchemes", "administrator", {
    type: "http",
    scheme: "bearer",
    description: "An administrator's key, `tp_admin_…`. The header `x-api-key` is taken as well.",
  });
  for (const route of [
    ...keyRoutes,
    ...keyChangeRoutes,
    ...keyRotationRoutes,
    ...keyBulkRoutes,
    ...levelRoutes,
    ...modelRoutes,
    ...aliasRoutes,
    ...providerRoutes,
    ...referenceRoutes,
    ...credentialRoutes,
    ...vaultRoutes,
    ...routeRoutes,
    ...alertRoutes,
    ...creditRoutes,
    ...invoiceRoutes,
    ...ruleRoutes,
    ...promptLogRoutes,
    ...usageRoutes,
    ...refusalRoutes,
    ...administratorRoutes,
    ...meRoutes,
    ...sessionRoutes,
    ...webhookRoutes,
    ...auditRoutes,
    ...auditProofRoutes,
    ...auditReportRoutes,
  ]) {
    registry.registerPath({ ...route, path: adminPath + route.path });
  }
  return { ...getOpenAPI31Document(description) };
}

const description = {
  openapi: "3.1.0",
  info: {
    title: "Turnpike administration",
    version: "1",
    description:
      "Customers' keys, what they use, what models cost and what they are called. Customers' own endpoints are OpenAI's.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  security: [{ administrator: [] }],
};
