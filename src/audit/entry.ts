// An entry of the trail: an event at its place in the chain, as the one text that is hashed.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { AuditEvent } from "./event.ts";
import { withoutSecrets } from "./shown.ts";

/** As it is stored, exported and shown. Absent members have nothing to say. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** The hash of the entry before; of the first one, zeros. */
  readonly prev: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly action: string;
  readonly actor: AuditEvent["actor"];
  readonly target: AuditEvent["target"];
  readonly outcome: AuditEvent["outcome"];
  readonly reason?: string;
  readonly request_id?: string;
  readonly address?: string;
  readonly user_agent?: string;
  readonly hint?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly count?: number;
  readonly since?: string;
}

/** What the first entry follows. */
export const beginning = { seq: 0, hash: "0".repeat(64) } as const;

/** Longest of what callers write themselves, in characters. */
const longest = { name: 200, userAgent: 300 } as const;

/** An event at its place. What is no valid Unicode, is a secret, or is too large to keep, is replaced. */
export function entryOf(
  event: AuditEvent,
  after: { readonly seq: number; readonly hash: string },
  atMs: number,
): AuditEntry {
  const { action, actor, target, outcome, reason, requestId, address, userAgent, hint, before, after: now } = event;
  const cut = (text: string, length: number = longest.name): string =>
    text.toWellFormed().slice(0, length).toWellFormed();
  return {
    seq: after.seq + 1,
    prev: after.hash,
    at: new Date(atMs).toISOString(),
    action: cut(action),
    actor: { type: actor.type, id: cut(actor.id) },
    target: target === null ? null : { type: cut(target.type), id: cut(target.id) },
    outcome,
    ...(reason !== undefined && { reason: cut(reason) }),
    ...(requestId !== undefined && { request_id: cut(requestId) }),
    ...(address !== undefined && { address: cut(address) }),
    ...(userAgent !== undefined && { user_agent: cut(userAgent, longest.userAgent) }),
    ...(hint !== undefined && { hint: cut(hint) }),
    ...(before !== undefined && { before: withoutSecrets(before) }),
    ...(now !== undefined && { after: withoutSecrets(now) }),
    ...(event.count !== undefined && { count: event.count }),
    ...(event.sinceMs !== undefined && { since: new Date(event.sinceMs).toISOString() }),
  };
}

/**
 * The text of a value of which there is only one (RFC 8785).
 * @throws Error for what is no JSON.
 */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("there is no JSON for this value");
  return text;
}

/** SHA-256 of a text in UTF-8, hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
