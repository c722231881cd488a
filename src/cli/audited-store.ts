// What the command line changes is told of in the trail, whichever command it is: the store that commands are lent tells.
import { userInfo } from "node:os";
import type { AuditEvent, Trail } from "../audit/event.ts";
import type { Store } from "../store/port.ts";

/** Of each repository: its operations that change something, as the trail names them, and what they act on. */
const changes = {
  keys: {
    type: "key",
    verbs: {
      create: "create",
      update: ([, to]) => turned(to) ?? "update",
      revoke: "revoke",
      rotate: "rotate",
      endOverlap: "end-overlap",
      remove: "delete",
    },
    idOf: ([first]) => idIn(first, "key") ?? idIn(first),
  },
  customers: {
    type: "customer",
    verbs: { create: "create", update: "update", remove: "delete" },
    idOf: ([id]) => idIn(id),
  },
  projects: {
    type: "project",
    verbs: { create: "create", update: "update", remove: "delete" },
    idOf: ([first, id]) => projectId(first, id),
  },
  templates: { type: "policy-template", verbs: { put: "create", remove: "delete" }, idOf: ([name]) => idIn(name) },
  aliases: { type: "alias", verbs: { put: "create", remove: "delete" }, idOf: ([name]) => idIn(name) },
  models: { type: "model", verbs: { put: "create", remove: "delete" }, idOf: ([declaration]) => idIn(declaration) },
  ledger: { type: "customer", verbs: { add: "credits" }, idOf: ([entry]) => idIn(entry, "customer") },
  admins: {
    type: "admin",
    verbs: {
      create: "create",
      put: "create",
      update: ([, to]) => (has(to, "revokedAtMs") ? "revoke" : has(to, "digest") ? "rotate" : (turned(to) ?? "update")),
      remove: "delete",
    },
    idOf: ([first]) => idIn(first),
  },
  factors: { type: "admin", verbs: { reset: "reset-second-factors" }, idOf: ([id]) => idIn(id) },
  roles: {
    type: "role",
    verbs: { create: "create", update: "update", remove: "delete" },
    idOf: ([first]) => idIn(first),
  },
  rules: {
    type: "rule",
    verbs: { create: "create", update: "update", remove: "delete" },
    idOf: ([first]) => idIn(first),
  },
  credentials: {
    type: "credential",
    verbs: { create: "create", update: "update", rotate: "rotate", tested: "test", remove: "delete" },
    idOf: ([first]) => idIn(first) ?? idIn(first, "credentialId"),
  },
  webhooks: {
    type: "webhook",
    verbs: {
      create: "create",
      update: ([, to]) => (has(to, "sealedSecret") ? "rotate" : "update"),
      resend: "deliveries.resend",
      remove: "delete",
    },
    idOf: ([first]) => idIn(first),
  },
} as const satisfies Partial<Record<keyof Store, Changes>>;

type Verb = string | ((args: readonly unknown[]) => string);

interface Changes {
  readonly type: string;
  /** Of one that does several things, what it does is read off what it is given. */
  readonly verbs: Readonly<Record<string, Verb>>;
  idOf(args: readonly unknown[]): string | null;
}

/** What of a record says nothing but how it is locked. */
const sealedMember = /digest|sealed|envelope|wrapped|fingerprint/i;

/** A store that tells the trail of each change that is made by it, in the name of the machine's user. */
export function auditedStore(store: Store, trail: Trail): Store {
  const actor = machineUser();
  const audited = Object.entries(changes).map(([name, told]) => {
    const repository = store[name as keyof typeof changes] as unknown as Repository;
    const telling = Object.entries<Verb>(told.verbs).flatMap(([method, verb]) => {
      const change = repository[method];
      if (change === undefined) return [];
      return [[method, tell(change, repository, { trail, actor, verb, ...told })] as const];
    });
    return [name, { ...repository, ...Object.fromEntries(telling) }];
  });
  return { ...store, ...Object.fromEntries(audited) };
}

/** Whom the trail names for what is done by the command line. */
export function machineUser(): AuditEvent["actor"] {
  return { type: "operator", id: userInfo().username };
}

type Operation = (...args: readonly unknown[]) => Promise<unknown>;
type Repository = Readonly<Record<string, Operation | undefined>>;

interface Telling extends Pick<Changes, "type" | "idOf"> {
  readonly trail: Trail;
  readonly actor: AuditEvent["actor"];
  readonly verb: Verb;
}

function tell(change: Operation, repository: Repository, { trail, actor, verb, type, idOf }: Telling): Operation {
  return async (...args) => {
    const id = idOf(args);
    const view = async (): Promise<Pick<AuditEvent, "before">> => {
      const found = id === null ? null : await repository.get?.(...(type === "project" ? id.split("/") : [id]));
      return found === null || found === undefined ? {} : { before: shown(found) };
    };
    const target = id === null ? null : { type, id };
    const doing = typeof verb === "string" ? verb : verb(args);
    const pending = await trail.begin({ action: `${type}.${doing}`, actor, target, ...(await view()) });
    try {
      const result = await change(...args);
      // Operations that found nothing to do say so.
      const done =
        result !== false && result !== null && result !== "missing" && result !== "last_owner" && result !== "in_use";
      const { before: after } = done ? await view() : {};
      await pending.end({
        outcome: done ? "success" : "failure",
        ...(!done && { reason: typeof result === "string" ? result : "not_found" }),
        ...(after !== undefined && { after }),
      });
      return result;
    } catch (error) {
      await pending.end({ outcome: "failure", reason: "internal_error" });
      throw error;
    }
  };
}

function has(changes: unknown, member: string): boolean {
  return typeof changes === "object" && changes !== null && member in changes;
}

/** What a change of nothing but the status is called by the admin API, too. */
function turned(changes: unknown): string | null {
  if (!has(changes, "status") || Object.keys(changes as object).length > 1) return null;
  return (changes as { readonly status: unknown }).status === "suspended" ? "suspend" : "resume";
}

/** The id that an operation is given, or that lies in what it is given. */
function idIn(value: unknown, member = "id"): string | null {
  if (typeof value === "string") return member === "id" ? value : null;
  if (typeof value !== "object" || value === null) return null;
  const found = (value as Readonly<Record<string, unknown>>)[member] ?? (value as { readonly name?: unknown }).name;
  return typeof found === "string" ? found : idIn(found);
}

function projectId(first: unknown, id: unknown): string | null {
  if (typeof first === "string") return `${first}/${String(id)}`;
  const { customer, id: own } = first as { readonly customer: string; readonly id: string };
  return `${customer}/${own}`;
}

/** A record as it may be kept: without what locks it. Money is told in digits. */
function shown(record: unknown): unknown {
  const text = JSON.stringify(record, (name, value: unknown) => {
    if (sealedMember.test(name)) return undefined;
    return typeof value === "bigint" ? value.toString() : value;
  });
  return JSON.parse(text);
}
