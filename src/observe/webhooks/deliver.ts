// One delivery: a signed event is posted to a URL, once. How the runtime posts it is its own side's business.
import ipaddr from "ipaddr.js";
import { signatureHeaders } from "./sign.ts";

/** What is told to a receiver. */
export interface WebhookEvent {
  /** `webhook-id`: the same for every try. */
  readonly id: string;
  /** JSON, as it is sent and signed. */
  readonly body: string;
}

/** How a try ended. `reason` is for operators, in words without anything that the receiver said. */
export type Delivery =
  | { readonly kind: "delivered"; readonly status: number }
  /** `gone`: the receiver wants no more of them (410). `retryAfterMs`: how long it asks to be left alone. */
  | {
      readonly kind: "failed";
      readonly status: number | null;
      readonly reason: string;
      readonly gone: boolean;
      readonly retryAfterMs: number | null;
    };

/**
 * Posts an event to a URL, once. Never rejects.
 * @param secrets `whsec_…`, one or, in an overlap, two.
 */
export type Deliver = (url: string, secrets: readonly string[], event: WebhookEvent) => Promise<Delivery>;

/** What a runtime sends: its answer's status and `retry-after`. Rejects with a `DeliveryProblem`, or with anything. */
export type Post = (url: URL, headers: Readonly<Record<string, string>>, body: string) => Promise<Posted>;

export interface Posted {
  readonly status: number;
  readonly retryAfter: string | null;
}

/** Why a delivery could not be tried, in words that operators may read. */
export class DeliveryProblem extends Error {
  override readonly name = "DeliveryProblem";
}

export interface DeliverOptions {
  readonly post: Post;
  readonly allowPrivate: boolean;
  now(): number;
}

/** The longest wait that a receiver's `retry-after` is followed for. */
const longestAskedMs = 60 * 60 * 1_000;

export function createDeliver({ post, allowPrivate, now }: DeliverOptions): Deliver {
  return async (url, secrets, { id, body }) => {
    const problem = urlProblem(url, { allowPrivate });
    if (problem !== null) return failed(null, problem);
    const headers = {
      ...signatureHeaders({ id, atMs: now(), body }, secrets),
      "content-type": "application/json",
      "user-agent": "Turnpike-Webhooks/1",
    };
    try {
      const { status, retryAfter } = await post(new URL(url), headers, body);
      if (status >= 200 && status < 300) return { kind: "delivered", status };
      const redirected = status >= 300 && status < 400 ? " and redirects are not followed" : "";
      return {
        ...failed(status, `the receiver answered ${status}${redirected}`),
        gone: status === 410,
        retryAfterMs: askedWait(retryAfter, now()),
      };
    } catch (error) {
      return failed(null, error instanceof DeliveryProblem ? error.message : `it could not be sent (${codeOf(error)})`);
    }
  };
}

/** Why a webhook can't be sent to a URL, in words for the operator; null when it can, as far as the URL itself tells. */
export function urlProblem(text: string, { allowPrivate }: { readonly allowPrivate: boolean }): string | null {
  if (!URL.canParse(text)) return "expected a URL";
  const url = new URL(text);
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:"))
    return "expected a URL with https:// (TURNPIKE_WEBHOOKS_PRIVATE=on allows http://)";
  if (url.username !== "" || url.password !== "") return "the URL must not have a name and a password in it";
  if (allowPrivate) return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (ipaddr.isValid(host) && !isPublicAddress(host)) return privateAddress;
  return null;
}

export const privateAddress =
  "its address is a private one: webhooks go to public addresses, unless TURNPIKE_WEBHOOKS_PRIVATE=on";

/** Whether an address is one of the public internet: not of this machine, a private network, or a special use (RFC 6890). */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return false;
  // Of IPv6 only 2000::/3 is assigned for it (RFC 4291, IANA); IPv4-compatible addresses (::a.b.c.d) lie outside.
  return address.kind() === "ipv4" || address.match(ipaddr.parse("2000::") as never, 3);
}

function failed(status: number | null, reason: string): Extract<Delivery, { kind: "failed" }> {
  return { kind: "failed", status, reason, gone: false, retryAfterMs: null };
}

/** `retry-after` in seconds or as a date (RFC 9110, 10.2.3). */
function askedWait(text: string | null, nowMs: number): number | null {
  if (text === null) return null;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(waitMs, longestAskedMs) : null;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause === undefined ? error.name : codeOf(error.cause);
}
