// What the groups of commands are built with.
import type { Command } from "commander";

/** A subcommand with the settings of its parent: where it writes, and that it throws instead of exiting. */
export function add(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description);
}

/** Options that most lists take. */
export function filtered(command: Command): Command {
  return command
    .option("--customer <customer>", "only of this customer")
    .option("--project <project>", "only of this project");
}
