// `turnpike credits`: the same operations as /admin/v1/customers/{id}/credits, on the database itself.
import { moveCredit } from "../admin/credits.ts";
import { balanceView, type CreditRequest, creditRequest, entryView } from "../admin/credits-view.ts";
import type { Balance, Statement } from "../store/port-ledger.ts";
import { withInstallation } from "./installation.ts";
import { type Io, printJson } from "./io.ts";
import { checked } from "./keys.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

export interface MoveOptions extends Json {
  readonly reason?: string;
  readonly expiresAt?: string;
  readonly create?: true;
}

export async function moveCommand(
  io: Io,
  kind: CreditRequest["kind"],
  [customer, usd]: readonly [customer: string, usd: string],
  { json, reason, expiresAt, create }: MoveOptions,
): Promise<void> {
  const said = {
    ...(create !== undefined && { create }),
    ...(reason !== undefined && { reason }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
  const request = checked(creditRequest, { kind, usd, ...said });
  await withInstallation(io, async ({ store, clock }) => {
    const entry = await moveCredit({ store, clock }, request, { customer, actor: "command line" });
    if (json) return printJson(io, entryView(entry));
    const { balance_usd } = balanceView(await store.ledger.balance(customer));
    io.out(`${entry.id}: ${entryView(entry).usd} USD. The balance of ${customer} is ${balance_usd} USD.\n`);
  });
}

export async function listCommand(io: Io, customer: string | undefined, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store: { ledger } }) => {
    const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const accounts = await ledger.statements({ ...always, ...(customer !== undefined && { customer }) });
    const data = accounts.map((account) => balanceView(balanceOf(account)));
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    io.out(table(["customer", "balance_usd", "granted_usd", "charged_usd"], data));
  });
}

/** Of an account since its beginning. */
function balanceOf({ customer, movedNanos }: Statement): Balance {
  const { charge = 0n, ...others } = movedNanos;
  return {
    customer,
    grantedNanos: Object.values(others).reduce((sum, nanos) => sum + nanos, 0n),
    chargedNanos: -charge,
  };
}
