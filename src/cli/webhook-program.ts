// `turnpike webhooks`: its commands and their options.
import { type Command, Option } from "commander";
import { add } from "./command.ts";
import type { Io } from "./io.ts";

export function webhooks(program: Command, io: Io): void {
  const group = add(program, "webhooks", "be told of alerts at URLs (docs/alerts.md)");
  said(add(group, "add", "be told of events at a URL; its secret is shown once").argument("<url>")).action(
    async (url, options) => (await import("./webhooks.ts")).addCommand(io, url, options),
  );
  said(add(group, "set", "change a webhook; what is not given stays").argument("<id>"))
    .option("--url <url>", "another URL")
    .addOption(new Option("--status <status>", "disabled: nothing is sent to it").choices(["active", "disabled"]))
    .action(async (id, options) => (await import("./webhooks.ts")).setCommand(io, id, options));
  json(add(group, "list", "list webhooks")).action(async (options) =>
    (await import("./webhooks.ts")).listCommand(io, options),
  );
  json(add(group, "remove", "remove a webhook, with its deliveries").argument("<id>")).action(async (id, options) =>
    (await import("./webhooks.ts")).removeCommand(io, id, options),
  );
  json(add(group, "rotate", "give a webhook a new secret, which is shown once").argument("<id>"))
    .option("--overlap-hours <hours>", "how long events are signed with the old one as well", "24")
    .action(async (id, options) => (await import("./webhooks.ts")).rotateCommand(io, id, options));
  json(add(group, "test", "send a test event to a webhook from this machine").argument("<id>")).action(
    async (id, options) => (await import("./webhooks.ts")).testCommand(io, id, options),
  );
  json(add(group, "deliveries", "list what was, is and will be sent, latest first").argument("<id>"))
    .addOption(new Option("--status <status>", "only those").choices(["pending", "delivered", "dead"]))
    .action(async (id, options) => (await import("./webhooks.ts")).deliveriesCommand(io, id, options));
  json(
    add(group, "resend", "have a running gateway send an event again").argument("<id>").argument("<delivery>"),
  ).action(async (id, delivery, options) => (await import("./webhooks.ts")).resendCommand(io, id, delivery, options));
}

function said(command: Command): Command {
  return json(command)
    .option("--events <patterns...>", "types of events, * for any part; all unless said")
    .option("--description <text>", "for people");
}

function json(command: Command): Command {
  return command.option("--json", "print JSON");
}
