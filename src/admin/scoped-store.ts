// The store as an administrator of some customers sees it: what is others' is not there, and nothing can be made for them.
import { GatewayError } from "../errors.ts";
import type { KeyStore, Store } from "../store/port.ts";
import type { AdminScope } from "../store/port-admins.ts";
import type { AlertRecord } from "../store/port-operations.ts";
import { inScope } from "./roles-access.ts";

/** Endpoints that are not listed as limited (endpoints.ts) are refused before they see it. */
export function scopedStore(store: Store, scope: AdminScope): Store {
  const holds = (customer: string, project?: string): boolean => inScope(scope, customer, project);
  const mine = <T extends { readonly customer: string; readonly project: string }>(record: T | null): T | null =>
    record !== null && holds(record.customer, record.project) ? record : null;
  const { customers, projects, ledger, calls } = store;
  const keys = scopedKeys(store.keys, scope);
  return {
    ...store,
    keys,
    calls: {
      ...calls,
      get: async (id) => mine(await calls.get(id)),
      usage: (query) => calls.usage({ ...query, within: scope }),
    },
    customers: {
      get: async (id) => (holds(id) ? customers.get(id) : null),
      create: async (record) => customers.create(permitted(record, holds(record.id))),
      update: async (id, changes, atMs) => (holds(id) ? customers.update(id, changes, atMs) : null),
      remove: async (id) => holds(id) && customers.remove(id),
      list: async () => (await customers.list()).filter(({ id }) => holds(id)),
    },
    projects: {
      get: async (of, id) => (holds(of, id) ? projects.get(of, id) : null),
      create: async (record) => projects.create(permitted(record, holds(record.customer, record.id))),
      update: async (of, id, changes, atMs) => (holds(of, id) ? projects.update(of, id, changes, atMs) : null),
      remove: async (of, id) => holds(of, id) && projects.remove(of, id),
      list: async (of) => (await projects.list(of)).filter(({ customer, id }) => holds(customer, id)),
    },
    ledger: {
      ...ledger,
      add: async (entry) => ledger.add(permitted(entry, holds(entry.customer))),
      list: (query) => ledger.list({ ...query, within: scope }),
      statements: (query) => ledger.statements({ ...query, within: scope }),
      balance: async (customer) => ledger.balance(permitted(customer, holds(customer))),
    },
    alerts: scopedAlerts(store, async ({ subject }) => {
      const [, kind, id = ""] = ofScope.exec(subject) ?? [];
      if (kind === "key") return (await keys.get(id)) !== null;
      if (kind === "customer") return holds(id);
      const [of = "", project = ""] = id.split("/").map(decodeURIComponent);
      return kind === "project" && holds(of, project);
    }),
  };
}

function scopedKeys(keys: KeyStore, scope: AdminScope): KeyStore {
  const has = async (id: string): Promise<boolean> => {
    const key = await keys.get(id);
    return key !== null && inScope(scope, key.customer, key.project);
  };
  return {
    ...keys,
    get: async (id) => ((await has(id)) ? keys.get(id) : null),
    async create(entry) {
      return keys.create(permitted(entry, inScope(scope, entry.key.customer, entry.key.project)));
    },
    async findByDigest(digest) {
      const entry = await keys.findByDigest(digest);
      return entry !== null && inScope(scope, entry.key.customer, entry.key.project) ? entry : null;
    },
    list: (query) => keys.list({ ...query, within: scope }),
    revoke: async (id, atMs) => (await has(id)) && keys.revoke(id, atMs),
    update: async (id, changes) => (await has(id)) && keys.update(id, changes),
    rotate: async (id, secret, oldExpiresAtMs) => (await has(id)) && keys.rotate(id, secret, oldExpiresAtMs),
    endOverlap: async (id, atMs) => ((await has(id)) ? keys.endOverlap(id, atMs) : undefined),
    secrets: async (id) => ((await has(id)) ? keys.secrets(id) : []),
    remove: async (id) => (await has(id)) && keys.remove(id),
  };
}

/** A subject that is a scope (keys/scopes.ts), or a budget's mark of one (limits/budget-alert.ts). */
const ofScope = /^(key|customer|project):(.*?)( (total|day|week|month)( \S+)? \d+%)?$/s;

/** Alerts about keys, customers and projects of the scope. Those about the installation are its operators'. */
function scopedAlerts({ alerts }: Store, about: (alert: AlertRecord) => Promise<boolean>): Store["alerts"] {
  const list: Store["alerts"]["list"] = async (query) => {
    const data: AlertRecord[] = [];
    let cursor = query.cursor;
    for (;;) {
      const page = await alerts.list({ ...query, ...(cursor !== undefined && { cursor }) });
      for (const alert of page.data) if (await about(alert)) data.push(alert);
      if (page.nextCursor === null || data.length > query.limit) break;
      cursor = page.nextCursor;
    }
    const shown = data.slice(0, query.limit);
    return { data: shown, nextCursor: data.length > query.limit ? (shown.at(-1)?.id ?? null) : null };
  };
  return {
    ...alerts,
    list,
    async acknowledge(id, by, atMs) {
      const [alert] = (await alerts.list({ limit: 1, cursor: justAfter(id) })).data;
      return alert?.id === id && (await about(alert)) ? alerts.acknowledge(id, by, atMs) : null;
    },
  };
}

/** A cursor from which on a page begins with this id: pages go downwards. */
function justAfter(id: string): string {
  return `${id}!`;
}

function permitted<T>(value: T, may: boolean): T {
  if (may) return value;
  throw new GatewayError("permission_denied", "You are limited to other customers or projects than this one.");
}
