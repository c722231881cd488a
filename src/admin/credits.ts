// /admin/v1/customers/{id}/credits and /pricing, and /admin/v1/ledger: what customers have paid in advance, and what became of it.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../keys/id.ts";
import type { Store } from "../store/port.ts";
import type { LedgerEntry, LedgerQuery } from "../store/port-ledger.ts";
import {
  balanceSchema,
  balanceView,
  type CreditRequest,
  creditRequest,
  entryColumns,
  entrySchema,
  entryView,
  kinds,
  pricingRequest,
  pricingSchema,
  toEntry,
} from "./credits-view.ts";
import { toCsv } from "./csv.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { json, readExpiry } from "./keys.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";
import { requireSpan } from "./times.ts";
import { asksForCsv, time } from "./usage.ts";

const params = z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) });
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const credits = { path: "/customers/{id}/credits" as const, tags: ["credits"] };

const addCredit = createRoute({
  ...credits,
  method: "post",
  summary: "Move credit: a top-up, a fee, a refund of charges, or an adjustment either way",
  description:
    "From the first one on, the customer's calls are paid for from its credits, and none is let in without any. A customer " +
    "is there once a key, `POST /customers` or an entry has named it; of any other, `create` must be said.",
  request: { headers: idempotencyHeader, params, body: body(creditRequest) },
  responses: { 201: json(entrySchema, "The entry."), ...errors(400, 401, 403, 404, 409, 413, 415, 429) },
});

const getBalance = createRoute({
  ...credits,
  method: "get",
  summary: "Read a customer's balance",
  request: { params },
  responses: { 200: json(balanceSchema, "The sums of its entries."), ...errors(401, 403, 429) },
});

const patchPricing = createRoute({
  path: "/customers/{id}/pricing",
  method: "patch",
  tags: ["credits"],
  summary: "Change what a customer is charged, and whether in advance",
  description: "Calls that are under way are charged as they were admitted.",
  request: { params, body: body(pricingRequest) },
  responses: { 200: json(pricingSchema, "What holds now."), ...errors(400, 401, 403, 404, 413, 415, 429) },
});

/** Which movements. The command line checks its options with it too. */
export const ledgerQuery = z.strictObject({
  customer: z.string().max(100).optional(),
  kind: z.enum(kinds).optional(),
  from: time.optional(),
  to: time.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z
    .string()
    .regex(/^\d{1,15}:.{1,200}$/)
    .optional(),
  format: z.enum(["json", "csv"]).optional().openapi({ description: "By default what `Accept` asks for." }),
});

const listLedger = createRoute({
  path: "/ledger",
  method: "get",
  tags: ["credits"],
  summary: "List movements of credit, latest first",
  request: {
    query: ledgerQuery,
  },
  responses: {
    200: {
      description: "A page of entries.",
      content: {
        "application/json": { schema: listOf(entrySchema, "LedgerEntryList") },
        "text/csv": { schema: z.string() },
      },
    },
    ...errors(400, 401, 403, 429),
  },
});

export const creditRoutes = [addCredit, getBalance, patchPricing, listLedger];

export function mountCredits(app: OpenAPIHono<AdminEnv>, { store, clock, ring }: AdminDeps): void {
  const { ledger, customers } = store;
  app.openapi(addCredit, async (c) => {
    const { id: customer } = c.req.valid("param");
    const entry = await moveCredit({ store, clock }, c.req.valid("json"), { customer, actor: c.var.admin.id });
    ring.forgetOf(customer, null);
    const view = entryView(entry);
    c.set("replay", view);
    return c.json(view, 201);
  });
  app.openapi(getBalance, async (c) => c.json(balanceView(await ledger.balance(c.req.valid("param").id)), 200));
  app.openapi(patchPricing, async (c) => {
    const { id } = c.req.valid("param");
    const view = await changePricing({ customers, clock }, id, c.req.valid("json"));
    ring.forgetOf(id, null);
    return c.json(view, 200);
  });
  app.openapi(listLedger, async (c) => {
    const query = c.req.valid("query");
    const { format } = query;
    const page = await ledger.list(toLedgerQuery(query));
    const data = page.data.map(entryView);
    if (format === "csv" || (format === undefined && asksForCsv(c.req.header("accept")))) {
      c.header("content-type", "text/csv; charset=utf-8");
      c.header("content-disposition", 'attachment; filename="ledger.csv"');
      return c.body(toCsv(entryColumns, data), 200);
    }
    const { nextCursor } = page;
    return c.json({ object: "list" as const, data, has_more: nextCursor !== null, next_cursor: nextCursor }, 200);
  });
}

interface MoveDeps {
  readonly store: Pick<Store, "ledger" | "customers" | "keys">;
  readonly clock: Clock;
}

/**
 * Writes what is asked for to the ledger.
 * @throws GatewayError `not_found` for a customer that nothing names, unless it is to be made: its id may be misspelt;
 * `invalid_request` for credit that has expired.
 */
export async function moveCredit(
  { store, clock }: MoveDeps,
  request: CreditRequest,
  by: Pick<LedgerEntry, "customer" | "actor">,
): Promise<LedgerEntry> {
  if (!request.create && !(await isKnown(store, by.customer))) {
    const name = by.customer.slice(0, 100);
    throw new GatewayError(
      "not_found",
      `There is no customer \`${name}\`: it has no key, and nothing is said of it. If its id is right, say so: \`create: true\`, or \`--create\` on the command line.`,
    );
  }
  const atMs = clock.now();
  if (request.kind === "top_up") readExpiry(request.expires_at ?? null, atMs);
  const entry = toEntry(request, { id: newId("led", atMs), atMs, ...by });
  await store.ledger.add(entry);
  return entry;
}

/** @throws GatewayError `not_found` for a customer of whom nothing is said. */
export async function changePricing(
  { customers, clock }: Pick<Store, "customers"> & Pick<MoveDeps, "clock">,
  customer: string,
  { price_percent, prepaid }: z.output<typeof pricingRequest>,
): Promise<z.output<typeof pricingSchema>> {
  const changes = {
    ...(price_percent !== undefined && { pricePercent: price_percent }),
    ...(prepaid !== undefined && { prepaid }),
  };
  const record = await customers.update(customer, changes, clock.now());
  if (record === null) throw new GatewayError("not_found", "Nothing is said of this customer yet: create it first.");
  return { customer, object: "pricing", price_percent: record.pricePercent, prepaid: record.prepaid };
}

async function isKnown({ ledger, customers, keys }: MoveDeps["store"], customer: string): Promise<boolean> {
  const { grantedNanos, chargedNanos } = await ledger.balance(customer);
  if (grantedNanos !== 0n || chargedNanos !== 0n || (await customers.get(customer)) !== null) return true;
  return (await keys.list({ customer, limit: 1 })).data.length > 0;
}

/** The store's query for what was asked. @throws GatewayError where it ends before it begins. */
export function toLedgerQuery({ customer, kind, from, to, cursor, limit }: z.output<typeof ledgerQuery>): LedgerQuery {
  requireSpan(from, to);
  return {
    limit,
    ...(customer !== undefined && { customer }),
    ...(kind !== undefined && { kind }),
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { toMs: to }),
    ...(cursor !== undefined && { cursor }),
  };
}
