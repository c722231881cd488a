// `turnpike audit`: its commands and their options.
import { type Command, Option } from "commander";
import { add } from "./command.ts";
import type { Io } from "./io.ts";

export function audit(program: Command, io: Io, exitWith: (code: number) => void): void {
  const group = add(program, "audit", "read, verify and export the audit trail");
  const filtered = (name: string, description: string) =>
    add(group, name, description)
      .option("--action <pattern>", "key.*; * stands for any text")
      .option("--actor <pattern>", "who did it: an id")
      .option("--target <pattern>", "to what: an id")
      .addOption(new Option("--outcome <outcome>").choices(["success", "denied", "failure", "unknown"]))
      .option("--from <time>", "entries from this time on")
      .option("--to <time>", "entries before this time")
      .option("--q <text>", "a part of the entry");

  filtered("list", "list entries, newest first")
    .option("--limit <count>", "at most so many", "50")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./audit.ts")).listCommand(io, options));
  add(group, "verify", "find any change, deletion, insertion, reordering or truncation; exit code 1 when there is one")
    .option("--checkpoint <file>", "checkpoints that were kept outside: a JSON line each")
    .option("--file <export>", "verify an export (JSON lines) instead of the database")
    .option("--public-key <key>", "with --file: the key to check signatures with (SPKI in base64, or a PEM file)")
    .option("--json", "print JSON")
    .action(async (options) => {
      if (!(await (await import("./audit.ts")).verifyCommand(io, options))) exitWith(1);
    });
  filtered("export", "print entries, oldest first")
    .addOption(new Option("--format <format>").choices(["json", "csv", "cef", "ocsf"]).default("json"))
    .action(async (options) => (await import("./audit.ts")).exportCommand(io, options));
  add(
    group,
    "report",
    "collect evidence for auditors: access, overdue rotations, unused keys, and the controls that it speaks to",
  )
    .addOption(new Option("--format <format>").choices(["markdown", "json"]).default("markdown"))
    .action(async (options) => (await import("./audit.ts")).reportCommand(io, options));
  add(group, "key", "print the public key that checkpoints are signed with")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./audit.ts")).keyCommand(io, options));
}
