// Which rule takes a token: the first that asks nothing of it that it does not have.
import { matches } from "../store/pattern.ts";
import type { RuleRecord } from "../store/port-rules.ts";
import { claimMatches } from "./claims.ts";
import { Denial } from "./denial.ts";
import { type Verified, type VerifyDeps, verifyToken } from "./verify.ts";

/** A token and the rule that takes it. */
export interface Accepted {
  readonly rule: RuleRecord;
  readonly token: Verified;
}

type Missing = "audience" | "subject" | "claims" | "age";

const told: Readonly<Record<Missing, string>> = {
  audience: "The token's audience is none that a rule of this gateway takes.",
  subject: "No rule of this gateway takes a token of this subject.",
  claims: "No rule of this gateway takes a token with these claims.",
  age: "The token was issued too long ago.",
};
/** What is told of several rules: how far the best one came. */
const order: readonly Missing[] = ["audience", "subject", "claims", "age"];

/**
 * Finds the rule that takes a token, among those of its issuer, the oldest first.
 * @throws Denial when none does.
 */
export async function accept(token: string, rules: readonly RuleRecord[], deps: VerifyDeps): Promise<Accepted> {
  const verified = new Map<string, Verified | Denial>();
  let furthest = -1;
  let denied: Denial | null = null;
  for (const rule of rules) {
    // Rules of one issuer mostly share its keys: a signature is checked once for them.
    const source = JSON.stringify([rule.terms.jwks, rule.terms.ca]);
    const one = verified.get(source) ?? (await verifyToken(token, rule, deps).catch(asDenial));
    verified.set(source, one);
    if (one instanceof Denial) {
      denied ??= one;
      continue;
    }
    const missing = missingOf(rule, one, deps.clock.now());
    if (missing === null) return { rule, token: one };
    furthest = Math.max(furthest, order.indexOf(missing));
  }
  const missing = order[furthest];
  if (missing !== undefined) throw new Denial("invalid_request", told[missing]);
  throw denied ?? new Denial("invalid_request", "No rule of this gateway trusts the token's issuer.");
}

function missingOf({ terms }: RuleRecord, token: Verified, nowMs: number): Missing | null {
  if (!terms.audiences.some((audience) => token.audiences.includes(audience))) return "audience";
  if (terms.subjects !== null && !terms.subjects.some((pattern) => matches(pattern, token.subject))) return "subject";
  const asked = Object.entries(terms.claims);
  if (!asked.every(([name, patterns]) => claimMatches(token.claims, name, patterns))) return "claims";
  return nowMs - token.issuedAtMs > terms.maxTokenAgeS * 1_000 ? "age" : null;
}

function asDenial(error: unknown): Denial {
  if (error instanceof Denial) return error;
  throw error;
}
