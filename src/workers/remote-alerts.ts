// Alerts in a worker: the keeper keeps them, and tells whoever is to be told.
import type { Alerts } from "../observe/alerts.ts";
import type { Keeping } from "./contract.ts";
import type { Link } from "./link.node.ts";

export function createAlertsAtKeeper(keeper: Link<Keeping>): Alerts {
  return {
    raise: (kind, subject, message) => keeper.tell("raise", { kind, subject, message }),
    resolve: (kind, subject) => keeper.tell("resolve", { kind, subject }),
    flush: () => Promise.resolve(),
  };
}
