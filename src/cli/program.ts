// The command line's commands. Each one loads what it needs when it runs, so that `--help` is there at once.
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { ConfigError } from "../config.ts";
import { GatewayError } from "../errors.ts";
import { admins, login, roles } from "./admin-program.ts";
import { audit } from "./audit-program.ts";
import { credits, invoices, ledger } from "./billing-program.ts";
import { add, filtered } from "./command.ts";
import { credentials, vault } from "./credential-program.ts";
import { CommandError, type Io } from "./io.ts";
import { keys } from "./key-program.ts";
import { customers, projects, templates } from "./level-program.ts";
import { rules } from "./rule-program.ts";
import { webhooks } from "./webhook-program.ts";

/** Did what it should; failed; was called wrongly. */
const exitCodes = { done: 0, failed: 1, misused: 2 } as const;

/** Runs one command line; resolves to the exit code. Failures are told on `err`, without a stack. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.done;
  const program = build(io, (failed) => {
    code = failed;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.misused;
    io.err(`turnpike: ${explain(error)}\n`);
    return exitCodes.failed;
  }
}

function build(io: Io, exitWith: (code: number) => void): Command {
  const program = new Command("turnpike")
    .description("An LLM gateway: one key, every provider, every token accounted for.")
    .version(version())
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError("(--help shows how it is used)")
    .exitOverride();

  add(program, "start", "start the gateway").action(async () => (await import("./start.ts")).startCommand(io));
  keys(program, io);
  customers(program, io);
  projects(program, io);
  templates(program, io);
  rules(program, io);
  webhooks(program, io);
  admins(program, io);
  roles(program, io);
  login(program, io);
  filtered(add(program, "usage", "sum up usage and cost"))
    .option(
      "--group-by <groups>",
      "key, customer, project, model, provider, endpoint, environment, hour, day, month, metadata.<name>; with commas",
    )
    .option("--from <time>", "calls from this time on (default: 30 days before --to)")
    .option("--to <time>", "calls before this time (default: now)")
    .option("--key <id>", "calls of this key")
    .addOption(new Option("--format <format>", "how to print it").choices(["table", "json", "csv"]).default("table"))
    .option("--json", "the same as --format json")
    .action(async (options) => (await import("./usage.ts")).usageCommand(io, options));
  credits(program, io);
  ledger(program, io);
  invoices(program, io);
  models(program, io);
  aliases(program, io);
  credentials(program, io, exitWith);
  vault(program, io);
  audit(program, io, exitWith);
  add(program, "doctor", "check settings, database and providers")
    .option("--json", "print JSON")
    .action(async (options) => {
      if (!(await (await import("./doctor.ts")).doctorCommand(io, options))) exitWith(exitCodes.failed);
    });
  add(program, "migrate", "make the database, or bring it up to this version").action(async () =>
    (await import("./migrate.ts")).migrateCommand(io),
  );
  add(program, "openapi", "print the OpenAPI document of /admin/v1").action(async () =>
    (await import("./openapi.ts")).openapiCommand(io),
  );
  return program;
}

function models(program: Command, io: Io): void {
  const group = add(program, "models", "list the models of the catalogue")
    .argument("[search]", "only models whose name contains this")
    .option("--provider <id>", "only models at this provider")
    .option("--json", "print JSON")
    .action(async (search, options) => (await import("./models.ts")).modelsCommand(io, { search, ...options }));
  add(group, "update", "compare the catalogue with models.dev, and renew it")
    .option("--from <source>", "a file or URL in the shape of https://models.dev/api.json (default: that)")
    .option("--write [file]", "keep the result: in the data folder, or in this file")
    .option("--json", "print JSON")
    .action(async (_, command) => (await import("./models-update.ts")).updateCommand(io, command.optsWithGlobals()));
}

function aliases(program: Command, io: Io): void {
  const group = add(program, "aliases", "list, set and remove names of your own for models");
  add(group, "list", "list the aliases of the database and of the configuration file")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./aliases.ts")).listCommand(io, options));
  add(group, "set", "make an alias, or replace it as a whole; a running gateway notices within seconds")
    .argument("<name>", "what callers write")
    .argument("[models...]", "the models that it stands for, in order of preference")
    .option("--strategy <strategy>", "how they are chosen among (docs/routing.md); ordered unless said")
    .option("--sticky <by>", "who always meets the same model of a weighted alias: user or conversation")
    .option("--fallback <models...>", "models to try when none of these works")
    .option("--definition <json>", "the alias as POST /admin/v1/aliases takes it: for weights, preferences and rules")
    .option("--json", "print JSON")
    .action(async (name, models, options) => (await import("./aliases.ts")).setCommand(io, name, models, options));
  add(group, "remove", "remove an alias")
    .argument("<name>")
    .option("--json", "print JSON")
    .action(async (name, options) => (await import("./aliases.ts")).removeCommand(io, name, options));
}

/** What went wrong, in words. A failure nobody foresaw is named too, for a bug report. */
function explain(error: unknown): string {
  if (error instanceof CommandError || error instanceof ConfigError || error instanceof GatewayError)
    return error.message;
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return String(error);
}

/** Of the package's own description, two folders above both `src/cli/` and the bundle in `dist/src/`. */
function version(): string {
  const description = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}
