// `turnpike credentials` and `turnpike vault`: their commands and their options.
import type { Command } from "commander";
import { add } from "./command.ts";
import type { Io } from "./io.ts";

export function credentials(program: Command, io: Io, exitWith: (code: number) => void): void {
  const group = add(program, "credentials", "add, list, rotate, test and remove keys of providers");
  const one = (name: string, description: string) =>
    add(group, name, description).argument("<id>", "the credential's id, cred_…").option("--json", "print JSON");
  const said = (command: Command) =>
    command
      .option("--name <name>", "what it is called")
      .option("--weight <number>", "its share of the calls among equals, 1 to 1000")
      .option("--priority <number>", "of one provider's credentials the lowest come first")
      .option("--models <patterns...>", "the models that it may be used for; all for all")
      .option("--requests-per-minute <number>")
      .option("--tokens-per-minute <number>")
      .option("--concurrency <number>", "calls under way at a time")
      .option("--base-url <url>", "where the provider is reached with it")
      .option("--variable <name=value...>", "variables of the provider that are no secret: AWS_REGION=eu-west-1")
      .option("--label <key=value...>", "facts of your own")
      .option("--fee-percent <decimal>", "of a customer's own key: what is charged for each 100 of cost")
      .option("--no-fallback", "of a customer's own key: its calls never go on with the installation's")
      .option("--expires-at <time>", "not used from this time on (2027-12-31, or ISO 8601); never for none");
  const valued = (command: Command) =>
    command
      .option("--values", "standard input is a JSON object of the provider's variables")
      .option("--reference <reference>", "where the value stands instead, in a secrets manager: vault:…, aws-sm:…");

  valued(said(add(group, "add", "add a credential; its value is read from standard input, or asked for")))
    .argument("<provider>", "the provider's id")
    .option("--customer <customer>", "whose own key it is: for nobody else's calls")
    .option("--json", "print JSON")
    .action(async (provider, options) =>
      (await import("./credentials.ts")).addCommand(io, provider, withoutDefault(options)),
    );
  add(group, "list", "list stored credentials, and those of the environment and of turnpike.yaml")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./credentials.ts")).listCommand(io, options));
  one("show", "tell what is said of a credential, and its versions").action(async (id, options) =>
    (await import("./credentials.ts")).showCommand(io, id, options),
  );
  said(one("update", "change a credential; what is not given stays"))
    .option("--fallback", "its calls may go on with the installation's")
    .option("--enabled", "use it again")
    .option("--no-enabled", "use it no more")
    .action(async (id, options, command: Command) =>
      (await import("./credentials.ts")).updateCommand(io, id, saidBy(command, options)),
    );
  valued(one("rotate", "give a credential a new value, read from standard input or asked for"))
    .option(
      "--overlap-hours <hours>",
      "how long the former one is kept, for when the provider refuses the new one",
      "24",
    )
    .action(async (id, options) => (await import("./credentials.ts")).rotateCommand(io, id, options));
  one("test", "check a credential against its provider")
    .option("--model <model>", "call this model for one token, instead of asking for the list of models")
    .action(async (id, options) => {
      if (!(await (await import("./credentials.ts")).testCommand(io, id, options))) exitWith(1);
    });
  one("remove", "remove a credential and overwrite its values").action(async (id, options) =>
    (await import("./credentials.ts")).removeCommand(io, id, options),
  );
}

export function vault(program: Command, io: Io): void {
  const group = add(program, "vault", "tell how stored secrets are sealed, and replace the master key");
  add(group, "status", "tell which master key or KMS wraps the keys of the vault")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./vault.ts")).statusCommand(io, options));
  add(
    group,
    "rekey",
    "wrap all keys by the present master key or KMS; a gateway may serve meanwhile, and a run be broken off",
  )
    .option("--renew", "make another key-encryption key although the master key is the same")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./vault.ts")).rekeyCommand(io, options));
}

/** `--no-fallback` has a default, which nobody has said. */
function withoutDefault<T extends { readonly fallback?: boolean }>({ fallback, ...options }: T): Omit<T, "fallback"> {
  return fallback === false ? { ...options, fallback } : options;
}

/** Without what is there by default alone. */
function saidBy<T extends object>(command: Command, options: T): Partial<T> {
  const given = Object.entries(options).filter(([name]) => command.getOptionValueSource(name) !== "default");
  return Object.fromEntries(given) as Partial<T>;
}
