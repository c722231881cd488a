// The scopes of a key: the policies that its calls must keep to, its own and those of its project and its customer.
import type { Scope } from "../limits/policy.ts";
import { compilePolicy } from "../limits/policy-json.ts";
import type { KeyEntry } from "../store/port.ts";

const compiled = new WeakMap<KeyEntry, readonly Scope[]>();

/** Compiled once for an entry of the ring; a changed policy comes with another entry. */
export function scopesOf(entry: KeyEntry): readonly Scope[] {
  let scopes = compiled.get(entry);
  if (scopes === undefined) {
    const { key, customer, project } = entry;
    scopes = [
      { id: `key:${key.id}`, policy: compilePolicy(key.policy) },
      ...(project === null
        ? []
        : [{ id: `project:${key.customer}/${key.project}`, policy: compilePolicy(project.policy) }]),
      ...(customer === null ? [] : [{ id: `customer:${key.customer}`, policy: compilePolicy(customer.policy) }]),
    ];
    compiled.set(entry, scopes);
  }
  return scopes;
}
