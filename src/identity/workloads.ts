// Workloads: programs that hold no key but prove who they are by a token of somebody whom a rule trusts.
import { createHash } from "node:crypto";
import type { AuditEvent, Trail } from "../audit/event.ts";
import type { Clock } from "../clock.ts";
import type { Digest } from "../keys/digest.ts";
import { generateKey, hintOf } from "../keys/format.ts";
import { newId } from "../keys/id.ts";
import { matchesAny } from "../limits/pattern.ts";
import type { KeyRecord } from "../store/port.ts";
import type { RuleRecord, RuleStore } from "../store/port-rules.ts";
import { type Accepted, accept } from "./accept.ts";
import { filled, shownText, valuesOf } from "./claims.ts";
import { Denial } from "./denial.ts";
import type { KeySets } from "./key-sets.ts";
import { issuerOf } from "./verify.ts";

/** Where a token comes from, for the trail. */
export type Origin = Pick<AuditEvent, "requestId" | "address" | "userAgent">;

export interface Wish {
  readonly token: string;
  /** Endpoints that the key is to be limited to; null for all that the rule allows. */
  readonly endpoints: readonly string[] | null;
  /** What the key is for: the name, the id or an audience of the rule that is to give it. */
  readonly targets: readonly string[];
}

export interface Exchanged {
  /** Shown once, stored nowhere. */
  readonly secret: string;
  readonly key: KeyRecord;
  readonly expiresInS: number;
}

export interface Workloads {
  /**
   * Gives a short-lived key for a token.
   * @throws Denial when it gives none.
   */
  exchange(wish: Wish, origin: Origin): Promise<Exchanged>;
  /**
   * Makes a token a key's secret, so that the ring of keys knows it until it ends. Nothing happens where it is one already.
   * @throws Denial when no rule takes it as a bearer.
   */
  adopt(token: string, origin: Origin): Promise<void>;
}

export interface WorkloadsDeps {
  readonly rules: RuleStore;
  readonly keySets: KeySets;
  readonly digest: Digest;
  readonly clock: Clock;
  readonly trail: Trail;
  /** Told of a key that has come to be: the ring may have said that there is none. */
  onChange(keyId: string): void;
}

/** As the admin surface limits what it is given. */
const longestName = 64;
const longestValue = 500;

export function createWorkloads(deps: WorkloadsDeps): Workloads {
  const { rules, clock, trail } = deps;

  async function accepted(token: string, may: (rule: RuleRecord) => boolean): Promise<Accepted> {
    const trusting = await rules.ofIssuer(issuerOf(token));
    return accept(token, trusting.filter(may), deps);
  }

  async function told<T>(origin: Origin, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Denial && error.error !== "temporarily_unavailable") {
        const target = error.ruleId === null ? null : { type: "rule", id: error.ruleId };
        trail.fold({ ...denied, target, reason: error.message, ...origin });
      }
      throw error;
    }
  }

  /** Of the rule whose key it is: which key, and for whom. */
  const given = (key: KeyRecord, { rule, token }: Accepted, origin: Origin, direct: boolean): Promise<void> =>
    trail.record({
      action: "token.exchange",
      actor: { type: "workload", id: shownText(token.subject, 200) },
      target: { type: "rule", id: rule.id },
      outcome: "success",
      hint: key.hint,
      after: { key: key.id, name: key.name, expires_at: iso(key.expiresAtMs), metadata: key.metadata, direct },
      ...origin,
    });

  return {
    exchange: ({ token, endpoints, targets }, origin) =>
      told(origin, async () => {
        const any = await accepted(token, () => true);
        const one =
          targets.length === 0 ? any : await accepted(token, (rule) => isMeant(rule, targets)).catch(noTarget);
        if (endpoints !== null) checkEndpoints(endpoints, one.rule);
        await spend(one, rules);
        const secret = generateKey(one.rule.terms.environment);
        const key = keyFor(one, { nowMs: clock.now(), hint: hintOf(secret), endpoints, direct: false });
        await store(key, deps.digest(secret), one, deps);
        await given(key, one, origin, false);
        return { secret, key, expiresInS: Math.floor(((key.expiresAtMs ?? 0) - key.createdAtMs) / 1_000) };
      }),
    adopt: (token, origin) =>
      told(origin, async () => {
        const one = await accepted(token, ({ terms }) => terms.direct);
        const hint = `jwt…${token.slice(-4)}`;
        const key = keyFor(one, { nowMs: clock.now(), hint, endpoints: null, direct: true });
        if (await store(key, deps.digest(token), one, deps)) await given(key, one, origin, true);
        deps.onChange(key.id);
      }),
  };
}

const denied = {
  action: "token.exchange",
  actor: { type: "anonymous", id: "" },
  outcome: "denied",
} as const;

/** By then some rule takes the token. */
function noTarget(error: unknown): never {
  if (!(error instanceof Denial) || error.error !== "invalid_request") throw error;
  throw new Denial("invalid_target", "No rule that takes this token is meant by `audience` or `resource`.");
}

function isMeant({ id, name, terms }: RuleRecord, targets: readonly string[]): boolean {
  return targets.every((target) => target === id || target === name || terms.audiences.includes(target));
}

function checkEndpoints(endpoints: readonly string[], { id: ruleId, policy }: RuleRecord): void {
  const { endpoints: allowed, endpoints_deny: not = [] } = policy;
  const refused = endpoints.find((name) => (allowed && !matchesAny(allowed, name)) || matchesAny(not, name));
  if (refused === undefined) return;
  throw new Denial("invalid_scope", `The rule gives no key for \`${refused}\`.`, { ruleId });
}

async function spend({ rule, token }: Accepted, rules: RuleStore): Promise<void> {
  if (!rule.terms.once) return;
  const { id: ruleId } = rule;
  if (token.tokenId === null) {
    throw new Denial("invalid_request", "The rule takes each token once, and this one has no `jti`.", { ruleId });
  }
  const spent = createHash("sha256")
    .update(JSON.stringify([token.issuer, token.tokenId]))
    .digest("base64url");
  // Clocks differ: remembered a little beyond its end.
  if (await rules.spend(spent, token.expiresAtMs + 120_000)) return;
  throw new Denial("invalid_request", "This token was used before.", { ruleId });
}

interface Making {
  readonly nowMs: number;
  readonly hint: string;
  readonly endpoints: readonly string[] | null;
  readonly direct: boolean;
}

/** The key that a token is given, or is the secret of. */
function keyFor({ rule, token }: Accepted, { nowMs, hint, endpoints, direct }: Making): KeyRecord {
  const { terms } = rule;
  const ttlEndMs = nowMs + terms.ttlS * 1_000;
  const tooOldMs = token.issuedAtMs + terms.maxTokenAgeS * 1_000;
  const exchangedMs = terms.outlivesToken ? ttlEndMs : Math.min(ttlEndMs, token.expiresAtMs);
  const expiresAtMs = direct ? Math.min(token.expiresAtMs, tooOldMs) : exchangedMs;
  if (expiresAtMs <= nowMs + 1_000) throw new Denial("invalid_request", "The token has expired.", { ruleId: rule.id });
  return {
    id: newId("key", nowMs),
    name: filled(terms.keyName, { ...token.claims, rule: rule.name }),
    customer: terms.customer,
    project: terms.project,
    environment: terms.environment,
    hint,
    status: "active",
    metadata: metadataOf(rule, token),
    createdAtMs: nowMs,
    expiresAtMs,
    revokedAtMs: null,
    lastUsedAtMs: null,
    // What the rule says holds for all of its keys together, and is asked of the rule itself.
    policy: endpoints === null ? {} : { endpoints },
    rotation: null,
    idleDays: null,
    rotatedAtMs: null,
  };
}

function metadataOf({ id, terms }: RuleRecord, { issuer, subject, claims }: Accepted["token"]): Record<string, string> {
  const names = [...new Set([...Object.keys(terms.claims), ...terms.keep])].slice(0, 40);
  const kept = names.flatMap((name) => {
    const values = valuesOf(claims, name);
    return values.length === 0 ? [] : [[name.slice(0, longestName), shownText(values.join(","), longestValue)]];
  });
  const said = { rule: id, issuer: shownText(issuer, longestValue), subject: shownText(subject, longestValue) };
  return { ...Object.fromEntries(kept), ...said };
}

/** False when the secret is a key's already. */
async function store(key: KeyRecord, digest: string, { rule }: Accepted, { rules }: WorkloadsDeps): Promise<boolean> {
  const { id: keyId, createdAtMs, hint } = key;
  const secret = { digest, keyId, createdAtMs, expiresAtMs: null, hint, lastUsedAtMs: null };
  const entry = { key, secret, ruleId: rule.id, expiresAtMs: key.expiresAtMs ?? createdAtMs };
  const issued = await rules.issue(entry, rule.terms.maxKeys);
  if (issued !== "full") return issued === "issued";
  throw new Denial("temporarily_unavailable", `The rule gives no more than ${rule.terms.maxKeys} keys at a time.`, {
    ruleId: rule.id,
    retryAfterMs: 60_000,
  });
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
