// The trail of the admin surface: every change, announced before it is made and told of before it is answered; and who was refused.
import type { Context, Hono, MiddlewareHandler } from "hono";
import type { AuditEvent, AuditTarget, PendingChange } from "../audit/event.ts";
import { GatewayError } from "../errors.ts";
import { hintOf, parseKey } from "../keys/format.ts";
import { presentedSecret } from "../keys/presented.ts";
import { type AdminAction, actionOf, madeAt } from "./audit-actions.ts";
import { peerAddress } from "./authenticate.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { adminPath } from "./document.ts";
import { knownError } from "./errors.ts";

/** What a handler knows of its change better than the paths that it is read at. */
export interface Audited {
  readonly target?: AuditTarget;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The admin surface without its locks, to read what a change is about. It must be reached by nothing else. */
export type Reader = Pick<Hono, "fetch">;

/** Tells how requests ended. It stands before authentication, so that it sees who was refused. */
export function audited(deps: AdminDeps, reader: Reader): MiddlewareHandler<AdminEnv> {
  const { trail } = deps;
  return async (c, next) => {
    const what = actionOf(c.req.method, pathOf(c));
    await next();
    const ended = endingOf(c);
    if (c.get("admin") === undefined) {
      // Whoever comes to a public endpoint is about to prove who it is: that is told of there.
      if (ended.outcome !== "denied" || what?.permission === "public") return;
      trail.fold({
        action: "admin.authenticate",
        actor: stranger,
        target: null,
        ...ended,
        ...originOf(c, deps),
        ...hintOfKey(c),
      });
      return;
    }
    if (what === null) return;
    if (!isChange(what)) return tellOfReading(c, what, ended, deps);
    const pending = c.get("pending");
    if (c.res.headers.get("idempotent-replayed") === "true") return;
    const said = ended.outcome === "success" ? await resultOf(c, what, reader) : {};
    if (pending !== undefined) await pending.end({ ...ended, ...said });
    else await trail.record({ ...eventOf(c, what, deps), ...ended, ...said });
  };
}

/** Announces changes. It stands right before the handlers, so that what is refused until there is not announced. */
export function announced(deps: AdminDeps, reader: Reader): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const what = actionOf(c.req.method, pathOf(c));
    if (what !== null && isChange(what)) {
      const before = what.view === null ? undefined : await read(c, what.view, reader);
      const event = { ...eventOf(c, what, deps), ...(before !== undefined && { before }) };
      c.set("pending", await announce(event, deps));
    }
    await next();
  };
}

async function announce(event: Omit<AuditEvent, "outcome">, { trail, onError }: AdminDeps): Promise<PendingChange> {
  try {
    return await trail.begin(event);
  } catch (error) {
    onError?.(error, event.requestId ?? "");
    throw new GatewayError("gateway_overloaded", "The change can't be recorded now, so it was not made. Try again.");
  }
}

/** Who reads the trail is told of in it (PCI DSS 10.2.1.3), and who may not read what. */
function tellOfReading(c: Context<AdminEnv>, what: AdminAction, ended: Ending, deps: AdminDeps): void {
  // What an administrator does to its own account is told of where it is done.
  if (!what.permission.endsWith(":read")) return;
  if (ended.outcome !== "denied" && !(what.type === "audit" && ended.outcome === "success")) return;
  deps.trail.fold({ ...eventOf(c, what, deps), ...ended });
}

const stranger = { type: "anonymous", id: "" } as const;

/** A POST that only computes demands the right to read, and is none. */
function isChange({ permission }: AdminAction): boolean {
  return permission.endsWith(":write");
}

function pathOf(c: Context): string {
  return c.req.path.startsWith(adminPath) ? c.req.path.slice(adminPath.length) : c.req.path;
}

function eventOf(c: Context<AdminEnv>, what: AdminAction, deps: AdminDeps): Omit<AuditEvent, "outcome"> {
  const target = { type: what.type, id: what.id ?? "" };
  const actor = { type: "admin", id: c.var.admin.id } as const;
  return { action: what.action, actor, target, ...originOf(c, deps) };
}

function originOf(c: Context<AdminEnv>, deps: AdminDeps): Pick<AuditEvent, "requestId" | "address" | "userAgent"> {
  const userAgent = c.req.header("user-agent");
  const address = (deps.clientAddress ?? peerAddress)(c);
  return { requestId: c.var.requestId, address, ...(userAgent !== undefined && { userAgent }) };
}

type Ending = Pick<AuditEvent, "outcome" | "reason">;

function endingOf(c: Context): Ending {
  const { status } = c.res;
  if (status < 400) return { outcome: "success" };
  const reason = (c.error === undefined ? null : knownError(c.error)?.code) ?? "internal_error";
  return { outcome: [401, 403, 429].includes(status) ? "denied" : "failure", reason };
}

/** What a change has made of what: as the handler says, as its answer is remembered (without secrets), as it is read now. */
async function resultOf(c: Context<AdminEnv>, what: AdminAction, reader: Reader): Promise<Audited> {
  const said = c.get("audited") ?? {};
  const made = what.made === null ? null : madeAt(what.made, c.get("replay") ?? (await c.res.clone().json()));
  const view = made?.view ?? what.view;
  const after = c.get("replay") ?? (view === null ? undefined : await read(c, view, reader));
  return {
    ...(made !== null && { target: { type: what.type, id: made.id } }),
    ...(after !== undefined && { after }),
    ...said,
  };
}

/** What stands at a path, as this administrator would read it; undefined when nothing does. */
async function read(c: Context<AdminEnv>, view: string, reader: Reader): Promise<unknown> {
  const answer = await reader.fetch(new Request(`http://reader${view}`), { asked: c.var });
  return answer.ok ? answer.json() : undefined;
}

/** What may be shown of the key that was presented, where that has the shape of one. */
function hintOfKey(c: Context): Pick<AuditEvent, "hint"> {
  try {
    const secret = presentedSecret((name) => c.req.header(name) ?? null, c.req.url);
    return parseKey(secret) === null ? {} : { hint: hintOf(secret) };
  } catch {
    return {};
  }
}
