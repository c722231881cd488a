// Writes data/models.json from a file of model facts: `node providers/catalog/generate.ts <facts.jsonl> <date> [output]`.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { catalogText, factsOf, readSource } from "./source.ts";

const [source, date, output = fileURLToPath(new URL("./data/models.json", import.meta.url))] = process.argv.slice(2);
if (source === undefined || date === undefined) {
  console.error("usage: node providers/catalog/generate.ts <facts.jsonl> <date of the newest source> [output.json]");
  process.exit(2);
}
const rows = readSource(readFileSync(source, "utf8")).map(factsOf);
writeFileSync(output, catalogText(rows, date));
console.log(`${rows.length} rows of ${new Set(rows.map((row) => row.provider)).size} providers written to ${output}`);
