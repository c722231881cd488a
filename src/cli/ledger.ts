// `turnpike ledger`: the same movements as /admin/v1/ledger, from the database itself.
import { ledgerQuery, toLedgerQuery } from "../admin/credits.ts";
import { entryColumns, entryView } from "../admin/credits-view.ts";
import { toCsv } from "../admin/csv.ts";
import { withInstallation } from "./installation.ts";
import { type Io, printJson } from "./io.ts";
import { checked } from "./keys.ts";
import { table } from "./table.ts";

export interface LedgerOptions {
  readonly customer?: string;
  readonly kind?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
  readonly cursor?: string;
  readonly format: "table" | "json" | "csv";
  readonly json?: true;
}

export async function ledgerCommand(io: Io, { format, json, ...asked }: LedgerOptions): Promise<void> {
  const query = toLedgerQuery(checked(ledgerQuery, asked));
  await withInstallation(io, async ({ store: { ledger } }) => {
    const { data: entries, nextCursor } = await ledger.list(query);
    const data = entries.map(entryView);
    if (json || format === "json") {
      printJson(io, { object: "list", data, has_more: nextCursor !== null, next_cursor: nextCursor });
    } else {
      io.out(format === "csv" ? toCsv(entryColumns, data) : table(entryColumns, data));
      if (nextCursor !== null) io.err(`There are more: --cursor ${nextCursor}\n`);
    }
  });
}
