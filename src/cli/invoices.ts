// `turnpike invoices`: the same invoices as /admin/v1/invoices, from the database itself.
import { toCsv } from "../admin/csv.ts";
import { invoiceColumns, invoiceQuery, invoiceRows, invoiceView, toInvoiceQuery } from "../admin/invoices-view.ts";
import { drawInvoices } from "../usage/invoices.ts";
import { withInstallation } from "./installation.ts";
import { type Io, printJson } from "./io.ts";
import { checked } from "./keys.ts";
import { table } from "./table.ts";

export interface InvoicesOptions {
  readonly month?: string;
  readonly customer?: string;
  readonly groupBy?: string;
  readonly format: "table" | "json" | "csv";
  readonly json?: true;
}

export async function invoicesCommand(io: Io, { groupBy, format, json, ...asked }: InvoicesOptions): Promise<void> {
  const checkedQuery = checked(invoiceQuery, { ...asked, group_by: groupBy });
  await withInstallation(io, async ({ store: { calls, ledger }, clock }) => {
    const nowMs = clock.now();
    const query = toInvoiceQuery(checkedQuery, nowMs);
    const data = (await drawInvoices({ calls, ledger, nowMs }, query)).map(invoiceView);
    if (json || format === "json") {
      return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    }
    if (format === "csv") return io.out(toCsv(invoiceColumns(query.groupBy), data.flatMap(invoiceRows)));
    const rows = data.map(({ account, ...invoice }) => ({ ...invoice, balance_usd: account?.closing_usd ?? null }));
    const columns = ["customer", "month", "status", "requests", "cost_usd", "price_percent", "charged_usd"] as const;
    io.out(table([...columns, "credits_applied_usd", "due_usd", "balance_usd"], rows));
  });
}
