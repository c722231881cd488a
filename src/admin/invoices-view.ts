// Invoices as the admin surface and the command line show them: as JSON, and as rows whose amounts can be added up.
import { z } from "@hono/zod-openapi";
import type { UsageGroup } from "../store/port.ts";
import type { Statement } from "../store/port-ledger.ts";
import { closing, type Invoice, type InvoiceQuery, monthOf, percentCharged } from "../usage/invoices.ts";
import { formatUsd } from "../usage/price.ts";
import { kinds } from "./credits-view.ts";
import { timestamp } from "./schemas.ts";
import { groupBy, usageSchema, usageView } from "./usage-view.ts";

const money = (description: string) => z.string().openapi({ description, example: "12.5" });
const percent = z
  .string()
  .nullable()
  .openapi({ description: "What is charged for each 100 of cost, rounded to two places.", example: "112.5" });

/** Which invoices. The command line checks its options with it too. */
export const invoiceQuery = z.strictObject({
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, "expected a month: 2026-11")
    .optional()
    .openapi({ description: "By default the running one.", example: "2026-11" }),
  customer: z.string().max(100).optional(),
  group_by: groupBy,
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(100).optional(),
  format: z.enum(["json", "csv"]).optional().openapi({ description: "By default what `Accept` asks for." }),
});

/** Without groups there is a line for each model. */
export function toInvoiceQuery(
  { month, customer, group_by }: z.output<typeof invoiceQuery>,
  nowMs: number,
): InvoiceQuery {
  const asked = group_by.filter((name) => name !== "customer" && name !== "month");
  return {
    month: monthOf(month ?? new Date(nowMs).toISOString().slice(0, "2026-11".length)),
    groupBy: group_by.length === 0 ? ["model"] : asked,
    ...(customer !== undefined && { customer }),
  };
}

const accountSchema = z.object({
  opening_usd: money("The balance before the month."),
  ...(Object.fromEntries(kinds.map((kind) => [`${kind}_usd`, z.string()])) as Record<
    `${(typeof kinds)[number]}_usd`,
    z.ZodString
  >),
  closing_usd: money("The balance after it, or now."),
});

export const invoiceSchema = z
  .object({
    id: z.string().openapi({ example: "2026-11:acme" }),
    object: z.literal("invoice"),
    customer: z.string(),
    month: z.string().openapi({ example: "2026-11" }),
    from: timestamp,
    to: timestamp,
    status: z.enum(["draft", "closed"]).openapi({ description: "Of what is closed nothing changes any more." }),
    currency: z.literal("USD"),
    lines: z.array(usageSchema.extend({ price_percent: percent })),
    requests: z.int(),
    unpriced_requests: z.int().openapi({ description: "Calls whose price is unknown: nothing is charged for them." }),
    cost_usd: money("What the calls cost."),
    price_percent: percent,
    charged_usd: money("What is charged for them."),
    credits_applied_usd: money("What of that was taken from prepaid credits."),
    due_usd: money("The rest."),
    account: accountSchema
      .nullable()
      .openapi({ description: "How the credits moved; null for a customer that never had any." }),
  })
  .openapi("Invoice");

export type InvoiceView = z.infer<typeof invoiceSchema>;

export function invoiceView({ customer, month, status, lines, total, account }: Invoice): InvoiceView {
  return {
    id: `${month.name}:${customer}`,
    object: "invoice",
    customer,
    month: month.name,
    from: new Date(month.fromMs).toISOString(),
    to: new Date(month.toMs).toISOString(),
    status,
    currency: "USD",
    lines: lines.map((line) => ({ ...usageView(line), price_percent: percentCharged(line) })),
    requests: total.requests,
    unpriced_requests: total.unpricedRequests,
    cost_usd: formatUsd(total.costNanos),
    price_percent: percentCharged(total),
    charged_usd: formatUsd(total.chargedNanos),
    credits_applied_usd: formatUsd(total.prepaidNanos),
    due_usd: formatUsd(total.chargedNanos - total.prepaidNanos),
    account: account === null ? null : accountView(account),
  };
}

function accountView(account: Statement): z.infer<typeof accountSchema> {
  const { openingNanos, movedNanos } = account;
  return {
    opening_usd: formatUsd(openingNanos),
    ...(Object.fromEntries(kinds.map((kind) => [`${kind}_usd`, formatUsd(movedNanos[kind] ?? 0n)])) as Record<
      `${(typeof kinds)[number]}_usd`,
      string
    >),
    closing_usd: formatUsd(closing(account)),
  };
}

/** The columns of `invoiceRows`. */
export function invoiceColumns(groups: readonly UsageGroup[]): readonly string[] {
  const before = ["customer", "month", "status", "item"];
  return [...before, ...groups, "requests", "input_tokens", "output_tokens", "cost_usd", "price_percent", "usd"];
}

/**
 * An invoice as rows, each an item with its amount: `usage` (one a line) and `credits_applied`, which make up `due`; then, where there
 * is an account, `opening_balance` and its movements, which make up `closing_balance`.
 */
export function invoiceRows(invoice: InvoiceView): readonly Readonly<Record<string, unknown>>[] {
  const { customer, month, status, lines, credits_applied_usd, due_usd, account } = invoice;
  const row = (item: string, usd: string, more: object = {}) => ({ customer, month, status, item, ...more, usd });
  const moved = account === null ? [] : kinds.map((kind) => row(kind, account[`${kind}_usd`]));
  return [
    ...lines.map((line) => row("usage", line.charged_usd, line)),
    ...(credits_applied_usd === "0" ? [] : [row("credits_applied", `-${credits_applied_usd}`)]),
    row("due", due_usd),
    ...(account === null ? [] : [row("opening_balance", account.opening_usd)]),
    ...moved.filter(({ usd }) => usd !== "0"),
    ...(account === null ? [] : [row("closing_balance", account.closing_usd)]),
  ];
}
