// The gate of the admin surface: finds what an endpoint demands, lets in who has it, and names what is missing to who has not.
import type { MiddlewareHandler } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import { GatewayError } from "../errors.ts";
import { authenticate, checkIntent } from "./authenticate.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { adminPath } from "./document.ts";
import { endpoints, limitedEndpoints, type Method, type Permission } from "./endpoints.ts";
import { accessOf } from "./roles-access.ts";
import { factorIsOpen, requireFreshProof } from "./second-factor.ts";

interface Row {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Permission>>>;
}

const rows = new TrieRouter<Row>();
for (const [path, methods] of Object.entries(endpoints)) rows.add("ALL", path, { path, methods });

/** Nothing passes that the table does not list: a path without a row is not there, whatever is mounted. */
export function gate(deps: AdminDeps): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const method = (c.req.method === "HEAD" ? "GET" : c.req.method) as Method;
    const path = c.req.path.startsWith(adminPath) ? c.req.path.slice(adminPath.length) : c.req.path;
    const found = rows.match("ALL", path)[0].map(([row]) => row);
    const demands = found.flatMap((row) => {
      const permission = row.methods[method];
      return permission === undefined ? [] : [{ path: row.path, permission }];
    });
    if (demands.length > 0 && demands.every(({ permission }) => permission === "public")) return next();
    await authenticate(c, deps);
    if (demands.length === 0) {
      const allow = [...new Set(found.flatMap(({ methods }) => Object.keys(methods)))].join(", ");
      if (found.length === 0) throw new GatewayError("not_found", "There is no such endpoint.");
      c.header("allow", allow);
      throw new GatewayError("method_not_allowed", `This endpoint takes ${allow}.`);
    }
    checkIntent(c, deps);
    const access = await accessOf(c.var.admin, deps.store.roles);
    c.set("access", access);
    for (const demand of demands) await permit(demand, method);
    await next();

    /** A path that two rows fit demands both. */
    async function permit(demand: { readonly path: string; readonly permission: Permission }, of: Method) {
      const { permission } = demand;
      if (permission === "public" || permission === "enrol") return;
      if (await factorIsOpen(c, deps)) {
        throw new GatewayError(
          "second_factor_required",
          "Your role needs a second factor. Sign in with it at /admin/v1/session/login; /admin/v1/me tells how to enrol one.",
        );
      }
      if (permission === "self") return;
      if (!access.permissions.has(permission)) {
        throw new GatewayError("permission_denied", `Your role ${access.role} lacks the permission ${permission}.`);
      }
      if (access.scope !== null && limitedEndpoints[demand.path]?.includes(of) !== true) {
        throw new GatewayError(
          "permission_denied",
          `This concerns the whole installation, and you are limited to some customers: ${permission} for all is needed.`,
        );
      }
      requireFreshProof(c, deps, permission);
    }
  };
}
