// `turnpike credits`, `ledger`, `invoices`: their commands and their options.
import { type Command, Option } from "commander";
import type { CreditRequest } from "../admin/credits-view.ts";
import { add } from "./command.ts";
import type { Io } from "./io.ts";

export function credits(program: Command, io: Io): void {
  const group = add(program, "credits", "move what customers have paid in advance, and see what is left of it");
  const move = (name: string, kind: CreditRequest["kind"], description: string): Command =>
    add(group, name, description)
      .argument("<customer>")
      .argument("<usd>", "an exact decimal: 25.00")
      .option("--create", "of a customer, too, whom no key and nothing else has named yet")
      .option("--json", "print JSON")
      .action(async (customer, usd, options) =>
        (await import("./credits.ts")).moveCommand(io, kind, [customer, usd], options),
      );
  const why = "why, for those who read the ledger";
  move("top-up", "top_up", "add credit; from the first on, the customer's calls are paid for from it")
    .option("--reason <text>", why)
    .option("--expires-at <time>", "when what is left of it is taken back");
  move("charge", "fee", "charge something that is no call").requiredOption("--reason <text>", why);
  move("refund", "refund", "give charges back").requiredOption("--reason <text>", why);
  move("adjust", "adjustment", "correct a balance, either way (a negative amount comes after --)").requiredOption(
    "--reason <text>",
    why,
  );
  add(group, "list", "list balances")
    .argument("[customer]", "only of this customer")
    .option("--json", "print JSON")
    .action(async (customer, options) => (await import("./credits.ts")).listCommand(io, customer, options));
}

export function ledger(program: Command, io: Io): void {
  printed(add(program, "ledger", "list movements of credits, latest first"))
    .option("--customer <customer>", "only of this customer")
    .option("--kind <kind>", "top_up, charge, fee, refund, adjustment or expiry")
    .option("--from <time>", "movements from this time on")
    .option("--to <time>", "movements before this time")
    .option("--limit <count>", "at most so many (default: 100)")
    .option("--cursor <cursor>", "go on after a page")
    .action(async (options) => (await import("./ledger.ts")).ledgerCommand(io, options));
}

export function invoices(program: Command, io: Io): void {
  printed(add(program, "invoices", "draw the invoices of a month, one for each customer"))
    .option("--month <month>", "2026-11 (default: the running one, whose invoices are drafts)")
    .option("--customer <customer>", "only of this customer")
    .option("--group-by <groups>", "what each line is for: model (default), project, key, …, as for usage; with commas")
    .action(async (options) => (await import("./invoices.ts")).invoicesCommand(io, options));
}

function printed(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "how to print it").choices(["table", "json", "csv"]).default("table"))
    .option("--json", "the same as --format json");
}
