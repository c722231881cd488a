// Prepaid credits as operators move and see them.
import { z } from "@hono/zod-openapi";
import type { Balance, CounterAccount, LedgerEntry } from "../store/port-ledger.ts";
import { formatUsd } from "../usage/price.ts";
import { label, timestamp } from "./schemas.ts";
import { moment } from "./times.ts";

/** An amount in nanodollars from a decimal of USD; at most 12 digits before the point, so that sums stay within 64 bits. */
const usd = (pattern: RegExp, expected: string) =>
  z.string().regex(pattern, expected).openapi({ example: "25.00", description: "USD, an exact decimal." });
const positive = usd(/^(?!0*(\.0*)?$)\d{1,9}(\.\d{1,9})?$/, "expected a decimal above 0 with at most 9 places");
const signed = usd(/^(?!-?0*(\.0*)?$)-?\d{1,9}(\.\d{1,9})?$/, "expected a decimal other than 0 with at most 9 places");
const reason = label(500).openapi({ description: "Why, for those who read the ledger." });

const create = z
  .boolean()
  .default(false)
  .openapi({ description: "Move it for a customer, too, whom no key and nothing else has named yet." });

export const creditRequest = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({
        kind: z.literal("top_up"),
        usd: positive,
        reason: reason.optional(),
        expires_at: moment.optional().openapi({ description: "When what is left of it is taken back." }),
        create,
      }),
      z.strictObject({ kind: z.literal("fee"), usd: positive, reason, create }),
      z.strictObject({ kind: z.literal("refund"), usd: positive, reason, create }),
      z.strictObject({ kind: z.literal("adjustment"), usd: signed, reason, create }),
    ],
    "expected top_up, fee, refund or adjustment",
  )
  .openapi("CreditRequest");

export type CreditRequest = z.output<typeof creditRequest>;

export const pricingRequest = z
  .strictObject({
    price_percent: z
      .string()
      .regex(/^\d{1,5}(\.\d{1,6})?$/, "expected a decimal with at most 6 places")
      .openapi({ example: "112.5", description: "What is charged for each 100 of cost." }),
    prepaid: z
      .boolean()
      .openapi({ description: "Whether its calls are paid for from credits: without any, none is let in." }),
  })
  .partial()
  .openapi("PricingRequest");

export const pricingSchema = z
  .object({ customer: z.string(), object: z.literal("pricing"), price_percent: z.string(), prepaid: z.boolean() })
  .openapi("Pricing");

export const kinds = ["top_up", "charge", "fee", "refund", "adjustment", "expiry"] as const;

export const entrySchema = z
  .object({
    id: z.string().openapi({ description: "Of a charge, its call's." }),
    object: z.literal("ledger_entry"),
    at: timestamp,
    customer: z.string(),
    kind: z.enum(kinds),
    usd: z.string().openapi({ description: "Into the customer's account; negative out of it." }),
    counter_account: z.enum(["cash", "revenue", "adjustments", "expired"]),
    reason: z.string().nullable(),
    actor: z.string().nullable(),
    expires_at: timestamp.nullable(),
  })
  .openapi("LedgerEntry");

export const balanceSchema = z
  .object({
    customer: z.string(),
    object: z.literal("balance"),
    balance_usd: z.string().openapi({ description: "The sum of the customer's entries." }),
    granted_usd: z.string(),
    charged_usd: z.string(),
  })
  .openapi("Balance");

export const entryColumns = [
  "id",
  "at",
  "customer",
  "kind",
  "usd",
  "counter_account",
  "reason",
  "actor",
  "expires_at",
] as const satisfies readonly (keyof z.infer<typeof entrySchema>)[];

export function entryView(entry: LedgerEntry): z.infer<typeof entrySchema> {
  return {
    id: entry.id,
    object: "ledger_entry",
    at: new Date(entry.atMs).toISOString(),
    customer: entry.customer,
    kind: entry.kind,
    usd: formatUsd(entry.amountNanos),
    counter_account: entry.counterAccount,
    reason: entry.reason,
    actor: entry.actor,
    expires_at: entry.expiresAtMs === null ? null : new Date(entry.expiresAtMs).toISOString(),
  };
}

export function balanceView({ customer, grantedNanos, chargedNanos }: Balance): z.infer<typeof balanceSchema> {
  return {
    customer,
    object: "balance",
    balance_usd: formatUsd(grantedNanos - chargedNanos),
    granted_usd: formatUsd(grantedNanos),
    charged_usd: formatUsd(chargedNanos),
  };
}

const counterAccounts: Readonly<Record<CreditRequest["kind"], CounterAccount>> = {
  top_up: "cash",
  fee: "revenue",
  refund: "revenue",
  adjustment: "adjustments",
};

/** The entry that is asked for. */
export function toEntry(
  request: CreditRequest,
  given: Pick<LedgerEntry, "id" | "atMs" | "customer" | "actor">,
): LedgerEntry {
  const expiresAt = request.kind === "top_up" ? request.expires_at : undefined;
  return {
    ...given,
    kind: request.kind,
    amountNanos: request.kind === "fee" ? -nanosOf(request.usd) : nanosOf(request.usd),
    counterAccount: counterAccounts[request.kind],
    reason: request.reason ?? null,
    expiresAtMs: expiresAt === undefined ? null : Date.parse(expiresAt),
  };
}

function nanosOf(decimal: string): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(9, "0"));
}
