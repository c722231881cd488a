// Conditions that keep a query to what an administrator is limited to.
import { and, eq, inArray, or, type SQL, sql } from "drizzle-orm";
import type { AdminScope } from "./port-admins.ts";

type Column = Parameters<typeof eq>[0];

/** Rows of these customers and projects alone; of customers as a whole where rows have no project. */
export function within(scope: AdminScope, columns: { readonly customer: Column; readonly project?: Column }): SQL {
  const { customer, project } = columns;
  const whole = scope.flatMap((entry) => (entry.project === undefined ? [entry.customer] : []));
  const parts = scope.flatMap((entry) =>
    entry.project === undefined || project === undefined
      ? []
      : [and(eq(customer, entry.customer), eq(project, entry.project))],
  );
  return or(...(whole.length > 0 ? [inArray(customer, whole)] : []), ...parts) ?? sql`false`;
}
