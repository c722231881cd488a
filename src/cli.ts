// The `turnpike` command.
// Before all else: it gives schemas a method.
import "@hono/zod-openapi";
import { run } from "./cli/program.ts";
import { scrubText } from "./observe/log-scrub.ts";

// A reader that has seen enough (`turnpike models | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

void run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(scrubText(text)),
  errIsTerminal: process.stderr.isTTY === true,
}).then((code) => {
  process.exitCode = code;
});
