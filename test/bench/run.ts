// The whole path, beside others, in one run and interleaved: `npm run bench [-- <part> …]`, parts being calls, rates, chunks, streams,
// memory, bodies, dialects, start, profile. `--quick` for a first look, `--write` to put the results into docs/, `--growth=<calls>` for
// how many calls it is watched what stays in memory. Read the ratios: machines differ, and so does one from minute to minute.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "./path/machine.ts";
import { type Options, parts } from "./path/parts.ts";
import { asMarkdown, asSvg, asText, type Table } from "./path/report.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    growth: { type: "string" },
  },
});
const unknown = positionals.find((name) => !(name in parts));
if (unknown !== undefined) throw new Error(`There is no part ${unknown}; there are ${Object.keys(parts).join(", ")}.`);
const folder = mkdtempSync(join(tmpdir(), "turnpike-bench-"));
const options: Options = {
  folder,
  quick: values.quick,
  growth: Number(values.growth ?? (values.quick ? 20_000 : 1_000_000)),
};
const tables: Table[] = [];
try {
  for (const [name, part] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    for (const table of await part(options)) {
      tables.push(table);
      console.log(`${asText(table)}\n`);
    }
  }
  console.log(machine());
  if (values.write) write();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Pages are replaced whole: figures of different runs are not to be compared. */
function write(): void {
  const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
  mkdirSync(join(docs, "benchmarks"), { recursive: true });
  writeFileSync(
    join(docs, "benchmarks", "results.json"),
    `${JSON.stringify({ machine: machine(), date: new Date().toISOString(), tables }, null, 2)}\n`,
  );
  for (const table of tables) writeFileSync(join(docs, "benchmarks", `${table.id}.svg`), asSvg(table));
  writeFileSync(
    join(docs, "benchmarks", "results.md"),
    [
      "# Results",
      "",
      `\`npm run bench -- ${process.argv.slice(2).join(" ")}\`: ${machine()}`,
      "",
      ...tables.map(asMarkdown),
    ]
      .join("\n")
      .replaceAll("](benchmarks/", "]("),
  );
}
