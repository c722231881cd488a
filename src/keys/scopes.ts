// The scopes of a key: the policies that its calls must keep to, its own and those of its rule, its project and its customer.
import { atCost, percentOf, type Tariff } from "../limits/charge.ts";
import { noPolicy, type Policy, type Scope } from "../limits/policy.ts";
import { compilePolicy } from "../limits/policy-json.ts";
import type { PolicyJson } from "../store/policy.ts";
import type { KeyEntry } from "../store/port.ts";

const compiled = new WeakMap<KeyEntry, readonly Scope[]>();
const tariffs = new WeakMap<NonNullable<KeyEntry["customer"]>, Tariff>();
/** Keys of one customer share its policy, and the limiter knows it by its identity: what reads the same is the same. */
const policies = new Map<string, Policy>();
const mostPolicies = 50_000;

/** Compiled once for an entry of the ring; a changed policy comes with another entry. */
export function scopesOf(entry: KeyEntry): readonly Scope[] {
  let scopes = compiled.get(entry);
  if (scopes === undefined) {
    const { key, customer, project, rule } = entry;
    scopes = [
      { id: `key:${key.id}`, policy: policyOf(key.policy) },
      ...(rule === undefined ? [] : [{ id: `rule:${rule.id}`, policy: policyOf(rule.policy) }]),
      ...(project === null ? [] : [{ id: projectScope(key), policy: policyOf(project.policy) }]),
      ...(customer === null ? [] : [{ id: `customer:${key.customer}`, policy: policyOf(customer.policy) }]),
      ...creditOf(entry),
    ];
    compiled.set(entry, scopes);
  }
  return scopes;
}

/** How the customer of a key pays for its calls. */
export function tariffOf({ customer }: KeyEntry): Tariff {
  if (customer === null) return atCost;
  let tariff = tariffs.get(customer);
  if (tariff === undefined) {
    tariff = { percent: percentOf(customer.pricePercent), prepaid: customer.creditNanos !== null };
    tariffs.set(customer, tariff);
  }
  return tariff;
}

/** Credit is a budget of all that was granted, which charges are spent from. */
function creditOf({ key, customer }: KeyEntry): readonly Scope[] {
  if (customer === null || customer.creditNanos === null) return [];
  const { creditNanos: nanos, pricePercent } = customer;
  const policy = shared(`credits:${nanos}:${pricePercent}`, () => ({
    ...noPolicy,
    budgets: [{ nanos, per: "total", alertAt: [], hard: true, prepaid: true }],
  }));
  return [{ id: `credits:${key.customer}`, policy, percent: percentOf(pricePercent) }];
}

function policyOf(json: PolicyJson): Policy {
  return shared(JSON.stringify(json), () => compilePolicy(json));
}

function shared(text: string, make: () => Policy): Policy {
  let policy = policies.get(text);
  if (policy === undefined) {
    if (policies.size >= mostPolicies) policies.clear();
    policy = make();
    policies.set(text, policy);
  }
  return policy;
}

/** Both names may have slashes: escaped, no two projects are counted as one. */
function projectScope({ customer, project }: KeyEntry["key"]): string {
  return `project:${encodeURIComponent(customer)}/${encodeURIComponent(project)}`;
}
