// /admin/v1/refusals: how many calls were refused before they cost anything, of whom and why.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { RefusalGroup } from "../store/port-refusals.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, listOf, timestamp } from "./schemas.ts";
import { requireSpan } from "./times.ts";
import { time } from "./usage.ts";

const groups = ["key", "customer", "project", "code", "hour", "day"] as const satisfies readonly RefusalGroup[];
const dayMs = 86_400_000;
/** As long as they are kept. */
export const refusalsKeptMs = 90 * dayMs;

const rowSchema = z
  .object({
    key: z.string().optional().openapi({ description: "Empty where the key is not known." }),
    customer: z.string().optional(),
    project: z.string().optional(),
    code: z.string().optional().openapi({ example: "budget_exceeded" }),
    hour: timestamp.optional(),
    day: z.string().optional(),
    refused: z.int(),
  })
  .openapi("RefusalRow");

const name = z.string().min(1).max(100).optional();

const groupBy = z
  .preprocess(
    (given) =>
      [given ?? "key,code"].flat().flatMap((text) =>
        String(text)
          .split(",")
          .filter((one) => one !== ""),
      ),
    z.array(z.enum(groups)),
  )
  .openapi({
    type: "array",
    items: { type: "string", enum: [...groups] },
    param: { name: "group_by", in: "query", style: "form", explode: true },
    description: "Repeated, or separated by commas; `key,code`, unless said. Empty for one row of totals.",
  });

const list = createRoute({
  method: "get",
  path: "/refusals",
  tags: ["usage"],
  summary: "Count refused calls",
  description:
    "Calls that were refused by a key's state, a policy, a limit or a budget, most first; some seconds behind. They are counted by hours, and kept for 90 days.",
  request: {
    query: z.strictObject({
      group_by: groupBy,
      from: time.optional().openapi({ description: "Hours from this time on. By default 30 days before `to`." }),
      to: time.optional().openapi({ description: "Hours before this time. By default now." }),
      key: name,
      customer: name,
      project: name,
      code: name,
    }),
  },
  responses: {
    200: {
      description: "The counts.",
      content: { "application/json": { schema: listOf(rowSchema, "RefusalList") } },
    },
    ...errors(400, 401, 403, 429),
  },
});

export const refusalRoutes = [list];

export function mountRefusals(app: OpenAPIHono<AdminEnv>, { store, clock }: AdminDeps): void {
  app.openapi(list, async (c) => {
    const { group_by: groupBy, from, to, key, customer, project, code } = c.req.valid("query");
    // An hour is counted where it begins: the one under way belongs to a time that ends now.
    const toMs = to ?? clock.now() + 1;
    const fromMs = from ?? toMs - 30 * dayMs;
    requireSpan(fromMs, toMs);
    const rows = await store.refusals.list({
      groupBy: [...new Set(groupBy)],
      fromMs,
      toMs,
      ...(key !== undefined && { keyId: key }),
      ...(customer !== undefined && { customer }),
      ...(project !== undefined && { project }),
      ...(code !== undefined && { code }),
    });
    const data = rows.map(({ group, refused }) => ({ ...group, refused }));
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
}
