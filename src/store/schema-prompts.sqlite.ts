// The table of logged prompts and answers, of projects and keys whose policy asks for it.
import { blob, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const promptLogs = sqliteTable(
  "prompt_logs",
  {
    /** The call's id. */
    id: text("id").primaryKey(),
    customer: text("customer").notNull(),
    project: text("project").notNull(),
    keyId: text("key_id").notNull(),
    operation: text("operation").notNull(),
    /** As the call named it. */
    model: text("model").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    /** Encrypted. */
    sealed: blob("sealed", { mode: "buffer" }).notNull(),
  },
  (table) => [
    index("prompt_logs_expires").on(table.expiresAtMs),
    index("prompt_logs_created").on(table.createdAtMs),
    index("prompt_logs_project").on(table.customer, table.project),
  ],
);
