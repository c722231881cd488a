// Builds dist/: the gateway in one file, and what not every run needs (the operators' surface, commands, key management services)
// in files of their own. CommonJS, because V8 takes compiled code along with a script only: see compile.mjs. Loading the same code
// from some 900 files of node_modules took 0.5 s more and 100 MB more.
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });

/** V8 parses a JSON text faster, and keeps less of it, than the same data as a JavaScript literal. */
const jsonAsText = {
  name: "json-as-text",
  load: {
    filter: { id: /\.json$/ },
    handler(path) {
      const text = JSON.stringify(JSON.parse(readFileSync(path, "utf8")));
      return { code: `export default JSON.parse(${JSON.stringify(text)});`, moduleType: "js" };
    },
  },
};

/** Nobody reads zod's messages in its fifty languages. */
const oneLanguage = {
  name: "one-language",
  load: { filter: { id: /\/zod\/v4\/locales\/index\.js$/ }, handler: () => 'export { default as en } from "./en.js";' },
};

/** Of a text that has other characters, V8 keeps two bytes for each. */
const plainText = {
  name: "plain-text",
  renderChunk(code) {
    const escaped = code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return { code: escaped, map: null };
  },
};

/** What programs have in common is in none of their own files: that is slower to reach where it is read for every call. */
const groups = [
  { name: "gateway", test: /src\/cli\/start\.ts$/, priority: 2 },
  { name: "admin", test: /src\/admin\/index\.ts$/, priority: 1 },
];

const common = {
  cwd: root,
  platform: "node",
  plugins: [jsonAsText, oneLanguage, plainText],
  transform: { target: "node22" },
  // Native code and WASM stay packages of their own.
  external: ["better-sqlite3", /^tiktoken/],
};
const output = { dir: "dist/src", format: "cjs", entryFileNames: "[name].js", sourcemap: true };

await build([
  {
    ...common,
    input: { cli: "src/cli.ts", "worker-process.node": "src/worker-process.node.ts" },
    output: { ...output, chunkFileNames: "[name].js", codeSplitting: { groups } },
  },
  ...globSync("src/**/*.thread.node.ts", { cwd: root }).map((thread) => ({
    ...common,
    input: { [basename(thread, ".ts")]: thread },
    output,
  })),
]);
writeFileSync(`${root}dist/package.json`, '{ "type": "commonjs" }\n');
execFileSync(process.execPath, [`${root}scripts/compile.mjs`, "start"], { stdio: ["ignore", "ignore", "inherit"] });
