// /admin/v1/audit/report: evidence for auditors, as JSON or as Markdown.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { collectEvidence } from "./audit-evidence.ts";
import { evidenceMarkdown } from "./audit-markdown.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors } from "./schemas.ts";

const report = createRoute({
  method: "get",
  path: "/audit/report",
  tags: ["audit"],
  summary: "Collect evidence for auditors",
  description:
    "Who holds which access; what of it is past its rotation, unused or expired; whether the trail is intact; and which controls of SOC 2, " +
    "ISO/IEC 27001:2022 and PCI DSS 4.0.1 each piece speaks to.",
  request: { query: z.strictObject({ format: z.enum(["json", "markdown"]).default("json") }) },
  responses: {
    200: {
      description: "The report.",
      content: {
        "application/json": { schema: z.looseObject({ object: z.literal("audit_report") }).openapi("AuditReport") },
        "text/markdown": { schema: z.string() },
      },
    },
    ...errors(400, 401, 403, 429),
  },
});

export const auditReportRoutes = [report];

export function mountAuditReport(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { store, trail, clock } = deps;
  app.openapi(report, async (c) => {
    const evidence = await collectEvidence({ store, trail, nowMs: clock.now() });
    if (c.req.valid("query").format === "json") return c.json({ ...evidence }, 200) as never;
    return c.body(evidenceMarkdown(evidence), 200, { "content-type": "text/markdown; charset=utf-8" }) as never;
  });
}
