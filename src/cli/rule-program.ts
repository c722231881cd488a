// `turnpike rules`: its commands and their options.
import { type Command, Option } from "commander";
import { add } from "./command.ts";
import type { Io } from "./io.ts";

export function rules(program: Command, io: Io): void {
  const group = add(program, "rules", "say whose tokens are traded for short-lived keys (docs/workload-identity.md)");
  said(add(group, "add", "make a rule").argument("<name>"))
    .requiredOption("--issuer <url>", "who issues the tokens: `iss`, exactly")
    .action(async (name, options) => (await import("./rules.ts")).addCommand(io, name, options));
  said(add(group, "set", "change a rule; what is not given stays").argument("<id>"))
    .option("--name <name>", "another name")
    .addOption(
      new Option("--status <status>", "suspended: it gives nothing, its keys are refused").choices([
        "active",
        "suspended",
      ]),
    )
    .action(async (id, options) => (await import("./rules.ts")).setCommand(io, id, options));
  json(add(group, "list", "list rules, in the order in which they are asked")).action(async (options) =>
    (await import("./rules.ts")).listCommand(io, options),
  );
  json(add(group, "remove", "remove a rule and revoke its keys").argument("<id>"))
    .option("--keep-keys", "let its keys live to their ends")
    .action(async (id, options) => (await import("./rules.ts")).removeCommand(io, id, options));
}

function said(command: Command): Command {
  return json(command)
    .option("--audience <audience...>", "`aud` must be one of these, exactly")
    .option("--subject <pattern...>", "patterns of `sub`, of which one must match; * stands for any text")
    .option(
      "--claim <name=pattern...>",
      "patterns of other claims, all of which must match; of one claim named again, any",
    )
    .option("--customer <customer>", "whose the keys are")
    .option("--project <project>", "of which project")
    .option("--policy <json>", "what all of its keys together must keep to (docs/keys.md)")
    .option("--ttl <seconds>", "how long a key lives: 3600 unless said, 43200 at most")
    .option("--outlive-token <yes|no>", "whether a key may live longer than its token")
    .option("--direct <yes|no>", "whether the token itself is taken as a bearer")
    .option("--once <yes|no>", "whether each token is taken once")
    .option("--max-keys <count>", "how many of its keys may live at a time")
    .option("--max-token-age <seconds>", "how long ago a token may have been issued")
    .option("--key-name <template>", "the key's name, with {claim} for claims")
    .option("--keep-claim <name...>", "claims that are written into the key's metadata")
    .option("--jwks-file <path>", "the issuer's public keys, where it can't be asked")
    .option("--ca-file <path>", "certificates that the issuer's own is checked by");
}

function json(command: Command): Command {
  return command.option("--json", "print JSON");
}
