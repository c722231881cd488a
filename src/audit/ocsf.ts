// Entries as events of the Open Cybersecurity Schema Framework 1.9.0: API Activity (class 6003).
import type { ExportedEntry } from "./formats.ts";
import { severityOf } from "./severity.ts";

const version = "1.9.0";
/** Application Activity, and API Activity in it. */
const category = {
  category_uid: 6,
  category_name: "Application Activity",
  class_uid: 6003,
  class_name: "API Activity",
};
const activities = { 1: "Create", 2: "Read", 3: "Update", 4: "Delete", 99: "Other" } as const;
type Activity = keyof typeof activities;

/** The event, as an object. */
export function ocsf(entry: ExportedEntry): Readonly<Record<string, unknown>> {
  const { seq, hash, action, actor, target, outcome, at, before, after, hint, prev } = entry;
  const activity = activityOf(action);
  const timeMs = Date.parse(at);
  return {
    ...category,
    activity_id: activity,
    activity_name: activities[activity],
    type_uid: category.class_uid * 100 + activity,
    type_name: `${category.class_name}: ${activities[activity]}`,
    severity_id: severityOf(entry).ocsf,
    status_id: outcome === "success" ? 1 : outcome === "unknown" ? 0 : 2,
    status: outcome === "success" ? "Success" : outcome === "unknown" ? "Unknown" : "Failure",
    ...(entry.reason !== undefined && { status_code: entry.reason }),
    time: timeMs,
    ...(entry.since !== undefined && { start_time: Date.parse(entry.since), end_time: timeMs }),
    ...(entry.count !== undefined && { count: entry.count }),
    message: `${action} ${outcome}`,
    metadata: {
      version,
      product: { name: "Turnpike", vendor_name: "Turnpike", feature: { name: "audit" } },
      uid: hash,
      sequence: seq,
      event_code: action,
      log_name: "audit",
      ...(entry.request_id !== undefined && { correlation_uid: entry.request_id }),
    },
    actor: { user: userOf(actor) },
    api: {
      operation: action,
      service: { name: "turnpike" },
      ...(entry.request_id !== undefined && { request: { uid: entry.request_id } }),
    },
    src_endpoint: entry.address === undefined ? { name: "turnpike" } : endpointOf(entry.address),
    ...(entry.user_agent !== undefined && { http_request: { user_agent: entry.user_agent } }),
    ...(target !== null && { resources: [{ type: target.type, uid: target.id }] }),
    // What the schema has no place for.
    unmapped: {
      outcome,
      prev,
      ...(hint !== undefined && { hint }),
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  };
}

function activityOf(action: string): Activity {
  const verb = action.slice(action.lastIndexOf(".") + 1);
  if (verb === "create") return 1;
  if (verb === "read" || verb === "export" || verb === "verify") return 2;
  if (verb === "delete" || verb === "cut") return 4;
  return action.startsWith("audit.") || verb === "authenticate" || verb === "login" ? 99 : 3;
}

/** `type_id`: 1 user, 2 administrator, 3 system, 99 another kind. */
function userOf({ type, id }: ExportedEntry["actor"]): Readonly<Record<string, unknown>> {
  switch (type) {
    case "admin":
      return { uid: id, type_id: 2, type: "Admin" };
    case "operator":
      return { name: id, type_id: 2, type: "Admin" };
    case "system":
      return { name: "turnpike", type_id: 3, type: "System" };
    case "key":
      return { uid: id, type_id: 99, type: "key" };
    case "workload":
      return { uid: id, type_id: 99, type: "workload" };
    case "anonymous":
      return { name: "anonymous", type_id: 0, type: "Unknown" };
  }
}

function endpointOf(address: string): Readonly<Record<string, unknown>> {
  return /^[\da-f.:]+$/i.test(address) ? { ip: address } : { name: address };
}
