// `turnpike keys`: its commands and their options.
import { type Command, Option } from "commander";
import { add, filtered } from "./command.ts";
import type { Io } from "./io.ts";

export function keys(program: Command, io: Io): void {
  const group = add(program, "keys", "make, list, change, rotate and revoke customers' keys");
  const one = (name: string, description: string) =>
    add(group, name, description).argument("<id>", "the key's id, key_…").option("--json", "print JSON");

  add(group, "create", "make a key; its secret is shown this once")
    .requiredOption("--name <name>", "what it is for")
    .requiredOption("--customer <customer>", "whose it is")
    .option("--project <project>", "what its use is counted under", "default")
    .addOption(new Option("--environment <environment>").choices(["live", "test", "dev"]).default("live"))
    .option("--expires-at <time>", "refused from this time on (2027-12-31, or ISO 8601)")
    .option("--metadata <key=value...>", "facts of your own")
    .option("--policy <json>", "what it may do (docs/keys.md)")
    .option("--template <name>", "a policy template; what --policy does not say, it has from there")
    .option("--rotate-every <days>", "how often its secret is to be replaced")
    .option("--idle-days <days>", "days without use after which it is refused")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./keys.ts")).createCommand(io, options));
  filtered(add(group, "list", "list keys, newest first"))
    .addOption(new Option("--status <status>").choices(["active", "suspended", "revoked"]))
    .addOption(new Option("--environment <environment>").choices(["live", "test", "dev"]))
    .option("--search <text>", "a part of the name or of the hint")
    .option("--metadata <key=value...>", "facts that they must have")
    .addOption(
      new Option("--rotation <state>", "whose rotation is due, or whose old secret still works").choices([
        "due",
        "overlap",
      ]),
    )
    .option("--unused-days <days>", "not used for so many days")
    .option("--expires-within-days <days>", "expired, or about to")
    .option("--limit <count>", "at most so many", "100")
    .option("--cursor <cursor>", "from where the page before ended")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./keys.ts")).listCommand(io, options));
  one("update", "change a key; what is not given stays")
    .option("--name <name>")
    .option("--expires-at <time>", "refused from this time on (2027-12-31, or ISO 8601); never for none")
    .option("--metadata <key=value...>", "facts of your own, instead of all it has")
    .option("--policy <json>", "what it may do, instead of all it may (docs/keys.md)")
    .option("--rotate-every <days>", "how often its secret is to be replaced; never for none")
    .option("--idle-days <days>", "days without use after which it is refused; never for none")
    .action(async (id, options) => (await import("./key-changes.ts")).updateCommand(io, id, options));
  one("rotate", "give a key a new secret, shown this once; the old one works on for a while")
    .option("--overlap-hours <hours>", "for how long; else as its rotation says, or 24")
    .action(async (id, options) => (await import("./key-changes.ts")).rotateCommand(io, id, options));
  one("end-overlap", "let a key's old secrets work no longer").action(async (id, options) =>
    (await import("./key-changes.ts")).endOverlapCommand(io, id, options),
  );
  one("secrets", "list a key's secrets, and when each was last used").action(async (id, options) =>
    (await import("./key-changes.ts")).secretsCommand(io, id, options),
  );
  one("suspend", "refuse a key until it is resumed").action(async (id, options) =>
    (await import("./key-changes.ts")).suspendCommand(io, id, options),
  );
  one("resume", "let a suspended key in again").action(async (id, options) =>
    (await import("./key-changes.ts")).resumeCommand(io, id, options),
  );
  one("revoke", "revoke a key, for good; a running gateway refuses it within half a second").action(
    async (id, options) => (await import("./keys.ts")).revokeCommand(io, id, options),
  );
  one("delete", "remove a key; what it has used stays in the ledger").action(async (id, options) =>
    (await import("./key-changes.ts")).deleteCommand(io, id, options),
  );
  add(group, "admin", "print a new administrator's key, for TURNPIKE_ADMIN_KEY; it is stored nowhere").action(
    async () => (await import("./keys.ts")).adminCommand(io),
  );
}
