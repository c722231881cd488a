// `turnpike admins`, `roles`, `login` and what goes with it: their commands and their options.
import { type Command, Option } from "commander";
import { add } from "./command.ts";
import type { Io } from "./io.ts";

export function admins(program: Command, io: Io): void {
  const group = add(program, "admins", "make, list, change, rotate and revoke administrators");
  const load = () => import("./admins.ts");
  const one = (name: string, description: string) =>
    json(add(group, name, description).argument("<id>", "the administrator's id, adm_…"));
  limits(
    json(add(group, "create", "make an administrator; its key is shown this once"))
      .requiredOption("--name <name>", "who it is")
      .requiredOption("--role <role>", "what it may do (turnpike roles list)"),
  ).action(async (options) => (await load()).createCommand(io, options));
  json(add(group, "list", "list administrators")).action(async (options) => (await load()).listCommand(io, options));
  limits(
    one("update", "change an administrator; what is not given stays").option("--name <name>").option("--role <role>"),
  )
    .option("--everything", "limited to no customers any more")
    .action(async (id, options) => (await load()).updateCommand(io, id, options));
  one("rotate", "give an administrator a new key, shown this once; the old one works on for a while")
    .option("--overlap-hours <hours>", "for how long", "24")
    .action(async (id, options) => (await load()).rotateCommand(io, id, options));
  for (const [action, description] of [
    ["suspend", "keep an administrator out until it is resumed"],
    ["resume", "let a suspended administrator in again"],
    ["revoke", "keep an administrator out for good"],
    ["delete", "remove an administrator"],
    ["reset-second-factors", "take its second factors and sessions away, so that it can enrol others"],
  ] as const) {
    one(action, description).action(async (id, options) => (await load()).turnCommand(io, action, id, options));
  }
}

export function roles(program: Command, io: Io): void {
  const group = add(program, "roles", "list, make, change and remove roles of administrators");
  const load = () => import("./roles.ts");
  const named = (name: string, description: string) => json(add(group, name, description).argument("<name>"));
  const said = (command: Command) =>
    customers(command)
      .option("--permission <permission...>", "keys:read, keys:write, …")
      .option("--description <text>")
      .addOption(
        new Option("--second-factor <rule>", "whatever the installation demands").choices([
          "required",
          "exempt",
          "default",
        ]),
      );
  json(add(group, "list", "list roles")).action(async (options) => (await load()).listCommand(io, options));
  said(named("create", "make a role")).action(async (name, options) => (await load()).createCommand(io, name, options));
  said(named("update", "change a role; what is not given stays"))
    .option("--everything", "limited to no customers any more")
    .action(async (name, options) => (await load()).updateCommand(io, name, options));
  named("delete", "remove a role that nobody has").action(async (name, options) =>
    (await load()).deleteCommand(io, name, options),
  );
}

export function login(program: Command, io: Io): void {
  const load = () => import("./login.ts");
  const at = (command: Command) =>
    command.option("--url <url>", "the gateway (default: TURNPIKE_URL, else http://127.0.0.1:8787)");
  at(add(program, "login", "sign in to a gateway as an administrator"))
    .option("--provider <name>", "the identity provider, where there are several")
    .option("--browser", "by a browser on this machine, although the provider could do without")
    .option("--no-open", "print the address instead of opening a browser")
    .option("--key", "with the key in TURNPIKE_ADMIN_KEY instead of an identity provider")
    .option("--code <code>", "of your authenticator app, with --key")
    .option("--recovery-code <code>", "instead of it")
    .action(async (options) => (await load()).loginCommand(io, options));
  at(add(program, "logout", "sign out")).action(async (options) => (await load()).logoutCommand(io, options));
  at(json(add(program, "whoami", "tell who is signed in, and what it may do"))).action(async (options) =>
    (await load()).whoamiCommand(io, options),
  );
  at(add(program, "token", "print the session's token, for other programs: it goes where a key goes")).action(
    async (options) => (await load()).tokenCommand(io, options),
  );
}

function json(command: Command): Command {
  return command.option("--json", "print JSON");
}

function customers(command: Command): Command {
  return command
    .option("--customer <customer...>", "limited to these customers")
    .option("--project <customer/project...>", "and to these projects");
}

function limits(command: Command): Command {
  return customers(command)
    .option("--expires-at <time>", "kept out from this time on (2027-12-31, or ISO 8601)")
    .option("--ip-allow <range...>", "may come from these addresses alone")
    .option("--ip-deny <range...>", "may not come from these");
}
