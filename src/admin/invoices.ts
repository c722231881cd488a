// /admin/v1/invoices: what customers are charged for a month, as JSON or CSV.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { drawInvoices } from "../usage/invoices.ts";
import { toCsv } from "./csv.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import {
  invoiceColumns,
  invoiceQuery,
  invoiceRows,
  invoiceSchema,
  invoiceView,
  toInvoiceQuery,
} from "./invoices-view.ts";
import { errors, listOf } from "./schemas.ts";
import { asksForCsv } from "./usage.ts";

const listInvoices = createRoute({
  method: "get",
  path: "/invoices",
  tags: ["usage"],
  summary: "Draw the invoices of a month, one for each customer",
  description:
    "A month is a draft until an hour after its end, and until the last of its calls is settled. Draw it again at any time: what is closed is the same.",
  request: { query: invoiceQuery },
  responses: {
    200: {
      description: "A page of invoices, by customer.",
      content: {
        "application/json": { schema: listOf(invoiceSchema, "InvoiceList") },
        "text/csv": { schema: z.string() },
      },
    },
    ...errors(400, 401, 403, 429),
  },
});

export const invoiceRoutes = [listInvoices];

export function mountInvoices(app: OpenAPIHono<AdminEnv>, { store, clock }: AdminDeps): void {
  app.openapi(listInvoices, async (c) => {
    const asked = c.req.valid("query");
    const { cursor = "", limit, format } = asked;
    const nowMs = clock.now();
    const query = toInvoiceQuery(asked, nowMs);
    const { calls, ledger } = store;
    const drawn = await drawInvoices({ calls, ledger, nowMs }, query);
    const rest = drawn.filter(({ customer }) => customer > cursor);
    const data = rest.slice(0, limit).map(invoiceView);
    if (format === "csv" || (format === undefined && asksForCsv(c.req.header("accept")))) {
      c.header("content-type", "text/csv; charset=utf-8");
      c.header("content-disposition", `attachment; filename="invoices-${query.month.name}.csv"`);
      return c.body(toCsv(invoiceColumns(query.groupBy), data.flatMap(invoiceRows)), 200);
    }
    const next = rest.length > limit ? (data.at(-1)?.customer ?? null) : null;
    return c.json({ object: "list" as const, data, has_more: next !== null, next_cursor: next }, 200);
  });
}
