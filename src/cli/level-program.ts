// `turnpike customers`, `projects`, `templates`: their commands and their options.
import { type Command, Option } from "commander";
import { add } from "./command.ts";
import type { Io } from "./io.ts";

export function customers(program: Command, io: Io): void {
  const group = add(program, "customers", "say what holds for all keys of a customer");
  said(add(group, "set", "say something of a customer, or change it; what is not given stays").argument("<id>")).action(
    async (id, options) => (await import("./levels.ts")).setCustomerCommand(io, id, options),
  );
  json(add(group, "list", "list customers of whom something is said")).action(async (options) =>
    (await import("./levels.ts")).listCustomersCommand(io, options),
  );
  json(add(group, "pricing", "tell what a customer is charged, or change it; what is not given stays").argument("<id>"))
    .option("--price-percent <decimal>", "what is charged for each 100 of cost: 112.5")
    .option("--prepaid", "its calls are paid for from its credits; without any, none is let in")
    .option("--no-prepaid", "its calls are paid for afterwards")
    .action(async (id, options) => (await import("./levels.ts")).pricingCommand(io, id, options));
  json(add(group, "delete", "forget what was said of a customer; its keys stay").argument("<id>")).action(
    async (id, options) => (await import("./levels.ts")).deleteCustomerCommand(io, id, options),
  );
}

export function projects(program: Command, io: Io): void {
  const group = add(program, "projects", "say what holds for all keys of a customer's project");
  const of = (command: Command) => command.argument("<customer>").argument("<id>");
  said(of(add(group, "set", "say something of a project, or change it; what is not given stays"))).action(
    async (customer, id, options) => (await import("./levels.ts")).setProjectCommand(io, customer, id, options),
  );
  json(add(group, "list", "list projects of which something is said"))
    .option("--customer <customer>", "only of this customer")
    .action(async (options) => (await import("./levels.ts")).listProjectsCommand(io, options));
  json(of(add(group, "delete", "forget what was said of a project; its keys stay"))).action(
    async (customer, id, options) => (await import("./levels.ts")).deleteProjectCommand(io, customer, id, options),
  );
}

export function templates(program: Command, io: Io): void {
  const group = add(program, "templates", "keep policies by name, to make keys, projects and customers from");
  json(
    add(group, "set", "write a template, or write it anew").argument("<name>").argument("<policy>", "as JSON"),
  ).action(async (name, policy, options) =>
    (await import("./levels.ts")).setTemplateCommand(io, name, policy, options),
  );
  json(add(group, "list", "list templates")).action(async (options) =>
    (await import("./levels.ts")).listTemplatesCommand(io, options),
  );
  json(add(group, "delete", "remove a template; what was made from it stays").argument("<name>")).action(
    async (name, options) => (await import("./levels.ts")).deleteTemplateCommand(io, name, options),
  );
}

function said(command: Command): Command {
  return json(command)
    .option("--name <name>", "for people; the id, unless said")
    .addOption(
      new Option("--status <status>", "suspended: none of its keys is let in").choices(["active", "suspended"]),
    )
    .option("--policy <json>", "what every one of its keys must keep to (docs/keys.md)")
    .option("--metadata <key=value...>", "facts of your own");
}

function json(command: Command): Command {
  return command.option("--json", "print JSON");
}
