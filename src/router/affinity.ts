// Affinity: which deployment holds a conversation in its prompt cache, so that its next turn may be read cheaply there.
import { createHash } from "node:crypto";
import type { Ask } from "./ask.ts";

/** Providers cache prompts from 1,024 tokens on, of at most some 4 characters. */
const leastTextLength = 4_096;
/** Providers keep a prompt for 5 minutes at least after its last use. */
const keptMs = 5 * 60_000;
const mostConversations = 50_000;

interface Held {
  readonly deployment: string;
  readonly inputTokens: number;
  readonly atMs: number;
}

/** Who holds which conversation, the latest use last. */
export class Affinity {
  readonly #held = new Map<string, Held>();

  /** The deployment that holds the conversation, and how many tokens of it; null when nobody is known to. */
  of(conversation: string | null, nowMs: number): Held | null {
    if (conversation === null) return null;
    const held = this.#held.get(conversation);
    return held === undefined || nowMs - held.atMs > keptMs ? null : held;
  }

  /** A deployment has read so many tokens of a conversation. */
  keep(conversation: string, held: Held): void {
    this.#held.delete(conversation);
    this.#held.set(conversation, held);
    if (this.#held.size <= mostConversations) return;
    const [oldest] = this.#held.keys();
    if (oldest !== undefined) this.#held.delete(oldest);
  }
}

/**
 * What names a call's conversation among those of its customer: the client's own name for it, else how its prompt begins. Null for
 * a prompt that is too short for any provider to keep.
 */
export function conversationOf({ peek, caller }: Ask): string | null {
  if (peek === null || peek.textLength < leastTextLength) return null;
  return `${caller.customer} ${peek.session ?? fingerprint(peek.opening())}`;
}

/** What a caller who is to meet the same choice again is recognised by. */
export function stickinessOf(ask: Ask, by: "user" | "conversation"): string {
  const { peek, caller } = ask;
  if (by === "user") return `${caller.keyId} ${peek?.user ?? ""}`;
  return `${caller.keyId} ${peek?.session ?? fingerprint(peek?.opening() ?? "")}`;
}

/** A number from 0 to 1 (exclusive) that is always the same for a text. */
export function shareOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
