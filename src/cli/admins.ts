// `turnpike admins`: the same operations as /admin/v1/admins, on the database itself. Who has that may everything.
import { changeAdmin, makeAdmin, newKey } from "../admin/admins.ts";
import { type Granter, noAdmin, requireChanged } from "../admin/admins-rules.ts";
import { adminPatch, adminRequest, adminView } from "../admin/admins-view.ts";
import type { AdminRecord, AdminScope } from "../store/port-admins.ts";
import { type Installation, withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked, readOverlap } from "./keys.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

export interface ScopeOptions {
  readonly customer?: readonly string[];
  readonly project?: readonly string[];
  readonly everything?: true;
}

interface LimitOptions extends ScopeOptions, Json {
  readonly name?: string;
  readonly role?: string;
  readonly expiresAt?: string;
  readonly ipAllow?: readonly string[];
  readonly ipDeny?: readonly string[];
}

/** Whoever can open the database. */
export const operator: Granter = { id: "command line", access: null };

export async function createCommand(io: Io, options: LimitOptions): Promise<void> {
  const request = checked(adminRequest, { ...said(options) });
  await withInstallation(io, async (installation) => {
    const { id, secret } = await makeAdmin(installation, operator, request);
    await showKey(io, installation, { id, secret, did: "Made" }, options);
  });
}

export async function listCommand(io: Io, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store, clock }) => {
    const data = (await store.admins.list()).map((admin) => adminView(admin, clock.now()));
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    const rows = data.map((one) => ({ ...one, scope: shownScope(one.scope) }));
    io.out(table(["id", "name", "role", "scope", "status", "provider", "hint", "created_at", "last_used_at"], rows));
  });
}

export async function updateCommand(io: Io, id: string, options: LimitOptions): Promise<void> {
  const patch = checked(adminPatch, { ...said(options), ...(options.expiresAt === "never" && { expires_at: null }) });
  await withAdmin(io, id, async (installation, admin) => {
    await changeAdmin(installation, operator, admin, patch);
    await show(io, installation, id, "Changed", options);
  });
}

export async function rotateCommand(
  io: Io,
  id: string,
  options: Json & { readonly overlapHours: string },
): Promise<void> {
  const hours = readOverlap(options.overlapHours);
  await withAdmin(io, id, async (installation, admin) => {
    const secret = await newKey(installation, admin, hours);
    await showKey(io, installation, { id, secret, did: "Rotated" }, options);
  });
}

export type Turn = "suspend" | "resume" | "revoke" | "delete" | "reset-second-factors";

export async function turnCommand(io: Io, turn: Turn, id: string, options: Json): Promise<void> {
  await withAdmin(io, id, async (installation) => {
    const { admins, sessions, factors } = installation.store;
    switch (turn) {
      case "suspend":
        requireChanged(await admins.update(id, { status: "suspended" }));
        break;
      case "resume":
        requireChanged(await admins.update(id, { status: "active" }));
        break;
      case "revoke":
        requireChanged(await admins.update(id, { revokedAtMs: installation.clock.now() }));
        break;
      case "reset-second-factors":
        await factors.reset(id);
        break;
      case "delete": {
        requireChanged(await admins.remove(id));
        if (options.json) return printJson(io, { id, object: "admin", deleted: true });
        io.out(`Removed ${id}.\n`);
        return;
      }
    }
    if (turn !== "resume") await sessions.removeOf(id);
    await show(io, installation, id, "Changed", options);
  });
}

/** What options say of whose things somebody sees; nothing where they say nothing. */
export function scopeOf({ customer = [], project = [], everything }: ScopeOptions): { scope?: AdminScope | null } {
  if (everything) return { scope: null };
  if (customer.length === 0 && project.length === 0) return {};
  const projects = project.map((text) => {
    const slash = text.indexOf("/");
    if (slash < 1) throw new CommandError("--project: expected customer/project.");
    return { customer: text.slice(0, slash), project: text.slice(slash + 1) };
  });
  return { scope: [...customer.map((one) => ({ customer: one })), ...projects] };
}

/** In one cell of a table. */
export function shownScope(scope: AdminScope | null): string {
  return scope === null
    ? "all"
    : scope.map(({ customer, project }) => [customer, project].filter(Boolean).join("/")).join(", ");
}

function said({ name, role, expiresAt, ipAllow, ipDeny, ...scope }: LimitOptions): Record<string, unknown> {
  return {
    ...scopeOf(scope),
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(ipAllow !== undefined && { ip_allow: ipAllow }),
    ...(ipDeny !== undefined && { ip_deny: ipDeny }),
  };
}

async function withAdmin(
  io: Io,
  id: string,
  use: (installation: Installation, admin: AdminRecord) => Promise<void>,
): Promise<void> {
  await withInstallation(io, async (installation) => {
    const admin = await installation.store.admins.get(id);
    if (admin === null) throw noAdmin();
    await use(installation, admin);
  });
}

async function viewOf({ store, clock }: Installation, id: string) {
  const admin = await store.admins.get(id);
  if (admin === null) throw noAdmin();
  return adminView(admin, clock.now());
}

async function show(io: Io, installation: Installation, id: string, did: string, { json }: Json): Promise<void> {
  const view = await viewOf(installation, id);
  if (json) printJson(io, view);
  else io.out(`${did} ${view.id} (${view.name}, ${view.role}, ${view.status}).\n`);
}

async function showKey(
  io: Io,
  installation: Installation,
  { id, secret, did }: { readonly id: string; readonly secret: string; readonly did: string },
  { json }: Json,
): Promise<void> {
  const view = await viewOf(installation, id);
  if (json) return printJson(io, { ...view, key: secret });
  io.out(`${secret}\n`);
  io.err(`${did} ${view.id} (${view.name}, ${view.role}). The key above is shown this once: keep it.\n`);
}
