#!/usr/bin/env node
// The `turnpike` command. Checks the runtime first, because an older Node fails later with a message nobody understands.
const major = Number(process.versions.node.split(".")[0]);
if (major < 22) {
  console.error(
    `turnpike needs Node 24 (22 at the least); this is ${process.version}. In a clone, "npm start" brings its own.`,
  );
  process.exit(1);
}
const { load } = await import("./load.js");
load("cli");
