// How `npm run db:generate` turns the schema into migrations. D1 applies the same files (wrangler's `migrations_dir`).
import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "sqlite", schema: "./src/store/schema*.sqlite.ts", out: "./drizzle/sqlite" });
