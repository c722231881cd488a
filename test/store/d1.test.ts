// The contract on D1, in the same runtime that Cloudflare runs, a database of its own for each test.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll } from "vitest";
import { type D1Binding, openD1 } from "../../src/store/d1.ts";
import { migrationsFolder } from "../../src/store/migrate.sqlite.ts";
import { storeContract } from "./contract.ts";

const names = Array.from({ length: 60 }, (_, index) => `DB_${index}`);
const migration = readFileSync(join(migrationsFolder(), "0000_initial.sql"), "utf8").split("--> statement-breakpoint");

let worker: Miniflare;
beforeAll(() => {
  worker = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: "export default { fetch: () => new Response() }",
      compatibilityDate: "2026-09-01",
      d1Databases: Object.fromEntries(names.map((name) => [name, name])),
    }),
  );
});
afterAll(() => worker.dispose());

storeContract("D1", async () => {
  const name = names.pop();
  if (name === undefined) throw new Error("More tests than databases: add to the names.");
  const database = await worker.getD1Database(name);
  for (const statement of migration) await database.prepare(statement).run();
  return openD1(database as unknown as D1Binding);
});
