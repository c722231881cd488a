// Loads what was built. The gateway's file comes with the code that V8 has compiled of it, which takes half of the time of a start.
import { readFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, Script } from "node:vm";

const folder = fileURLToPath(new URL("../dist/src", import.meta.url));
const require = createRequire(join(folder, "cli.js"));
const file = join(folder, "gateway.js");

/** V8 takes compiled code of its own version only. What it was compiled for stands in the name. */
export const compiledFile = join(folder, `gateway.${process.arch}-${process.versions.v8}.bin`);

/** Runs a program of `dist/src`. */
export function load(program) {
  gateway();
  require(`./${program}.js`);
}

let script;

/** Runs the gateway's file, once, as the module that it is to all others. Compiled code that V8 does not take is made anew. */
export function gateway() {
  script ??= run();
  return script;
}

function run() {
  const text = readFileSync(file, "utf8");
  const compiled = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: file,
    cachedData: compiledCode(),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = new Module(file);
  module.filename = file;
  require.cache[file] = module;
  compiled.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  module.loaded = true;
  return compiled;
}

function compiledCode() {
  try {
    return readFileSync(compiledFile);
  } catch {
    return undefined;
  }
}
