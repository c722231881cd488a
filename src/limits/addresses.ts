// Addresses: which clients a policy lets in, by address and CIDR range, IPv4 and IPv6.
import ipaddr from "ipaddr.js";
import type { Rule } from "./policy.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

/** Why a text is no address and no range, in words for the operator; null when it is one. */
export function addressProblem(text: string): string | null {
  return parseRange(text) === null ? "expected an IPv4 or IPv6 address, or a CIDR range such as 203.0.113.0/24" : null;
}

/** A compiled rule. Ranges that can't be read match nothing; they are refused when a policy is written. */
export interface Addresses {
  allows(address: string | null): boolean;
}

/** How many addresses a rule remembers its answer for: clients come back, and reading an address costs more than all else. */
const mostKnown = 1_000;

const anyone: Addresses = { allows: () => true };

/** A client whose address is unknown is let in only where any address is. */
export function addresses({ allow, deny }: Rule): Addresses {
  if (allow === null && deny.length === 0) return anyone;
  const allowed = allow?.flatMap((text) => parseRange(text) ?? []) ?? null;
  const denied = deny.flatMap((text) => parseRange(text) ?? []);
  const allows = (text: string): boolean => {
    const address = parseAddress(text);
    if (address === null) return false;
    if (denied.some((range) => within(address, range))) return false;
    return allowed === null || allowed.some((range) => within(address, range));
  };
  const known = new Map<string, boolean>();
  return {
    allows: (text) => {
      if (text === null) return false;
      const before = known.get(text);
      if (before !== undefined) return before;
      if (known.size >= mostKnown) known.clear();
      const answer = allows(text);
      known.set(text, answer);
      return answer;
    },
  };
}

/**
 * The address of a client. Each proxy appends the address that it was called from, so the list is believed from its end, for
 * as long as that was a trusted proxy: what a client writes itself stands before, and is never reached.
 * @param peer the socket's.
 * @param forwarded `x-forwarded-for`, as it came.
 */
export function clientAddress(peer: string | null, forwarded: string | null, trusted: Addresses | null): string | null {
  if (trusted === null || forwarded === null) return peer;
  let address = peer;
  for (const hop of forwarded.split(",").reverse()) {
    if (address === null || !trusted.allows(address)) break;
    const said = withoutPort(hop.trim());
    if (parseAddress(said) === null) break;
    address = said;
  }
  return address;
}

/** Whom an address belongs to, for counting: an IPv6 client has a /64 of its own (RFC 6177), and may write from any part of it. */
export function networkOf(text: string): string {
  const address = parseAddress(text);
  if (address === null || address.kind() === "ipv4") return address?.toString() ?? text;
  return `${(address as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/** IPv4 addresses inside of IPv6 are IPv4 addresses. Null for what is none, such as `010.0.0.1`, which readers differ about. */
function parseAddress(text: string): Address | null {
  const bare = text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  if (!bare.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return null;
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

function parseRange(text: string): Range[] | null {
  const [base = "", bits, ...more] = text.split("/");
  const address = parseAddress(base);
  if (address === null || more.length > 0) return null;
  const whole = address.kind() === "ipv4" ? 32 : 128;
  if (bits === undefined) return [[address, whole]];
  if (!/^\d{1,3}$/.test(bits)) return null;
  // A range of mapped addresses is one of IPv4 addresses, 96 bits shorter.
  const mapped = base.includes(":") && address.kind() === "ipv4";
  const length = Number(bits) - (mapped ? 96 : 0);
  return length >= 0 && length <= whole ? [[address, length]] : null;
}

function within(address: Address, [base, bits]: Range): boolean {
  return address.kind() === base.kind() && address.match(base as never, bits);
}

/** Some proxies write `203.0.113.7:1234` or `[2001:db8::7]:1234`. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text);
  if (bracketed) return bracketed[1] ?? text;
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(text) ? text.slice(0, text.lastIndexOf(":")) : text;
}
