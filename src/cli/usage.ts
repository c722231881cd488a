// `turnpike usage`: the same sums as /admin/v1/usage, from the database itself.
import { toCsv } from "../admin/csv.ts";
import { toUsageQuery, usageQuery } from "../admin/usage.ts";
import { type UsageView, unitColumns, usageColumns, usageView } from "../admin/usage-view.ts";
import { withInstallation } from "./installation.ts";
import { type Io, printJson } from "./io.ts";
import { checked } from "./keys.ts";
import { table } from "./table.ts";

export interface UsageOptions {
  readonly groupBy?: string;
  readonly from?: string;
  readonly to?: string;
  readonly customer?: string;
  readonly project?: string;
  readonly key?: string;
  readonly format: "table" | "json" | "csv";
  readonly json?: true;
}

export async function usageCommand(io: Io, { groupBy, format, json, ...filters }: UsageOptions): Promise<void> {
  const query = checked(usageQuery, { ...filters, group_by: groupBy });
  await withInstallation(io, async ({ store: { calls }, clock }) => {
    const data = (await calls.usage(toUsageQuery(query, clock.now()))).map(usageView);
    const columns = [...new Set(query.group_by), ...usageColumns];
    if (json || format === "json") printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    else if (format === "csv") io.out(toCsv(columns, data));
    else
      io.out(
        table(
          columns.filter((column) => !isUnused(column, data)),
          data,
        ),
      );
  });
}

/** A terminal is narrow: a unit that nothing was counted in gets no column. */
function isUnused(column: keyof UsageView, data: readonly UsageView[]): boolean {
  return (unitColumns as readonly string[]).includes(column) && data.every((row) => row[column] === 0);
}
