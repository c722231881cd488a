// Builds dist/: the command in one bundle, cut where commands load lazily. Bundling is for start-up and memory: loading the
// same code from some 900 files of node_modules took 0.5 s more and 100 MB more.
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });

/** V8 parses a JSON text faster, and keeps less of it, than the same data as a JavaScript literal. */
const jsonAsText = {
  name: "json-as-text",
  setup(bundler) {
    bundler.onLoad({ filter: /\.json$/ }, ({ path }) => {
      const text = JSON.stringify(JSON.parse(readFileSync(path, "utf8")));
      return { contents: `export default JSON.parse(${JSON.stringify(text)});`, loader: "js" };
    });
  },
};

await build({
  absWorkingDir: root,
  entryPoints: [
    "src/cli.ts",
    "src/usage/counting.thread.node.ts",
    "src/store/reading.thread.node.ts",
    "src/worker-process.node.ts",
  ],
  entryNames: "[name]",
  outdir: "dist/src",
  bundle: true,
  plugins: [jsonAsText],
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node22",
  sourcemap: true,
  // Native code, WASM and worker files stay packages of their own.
  external: ["better-sqlite3", "tiktoken", "pino"],
  // CommonJS packages inside an ES module bundle need a `require`.
  banner: {
    js: 'import { createRequire as turnpikeRequire } from "node:module"; const require = turnpikeRequire(import.meta.url);',
  },
  logLevel: "warning",
});
