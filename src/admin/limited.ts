// Administrators of some customers: the same surface, over a store in which there is nothing else.
import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Store } from "../store/port.ts";
import type { AdminScope } from "../store/port-admins.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { adminPath } from "./document.ts";
import { validationError } from "./errors.ts";
import { scopedStore } from "./scoped-store.ts";

type Mount = (app: OpenAPIHono<AdminEnv>, store: Store) => void;

/** Surfaces that are kept, one for each scope that somebody is limited to. */
const mostKept = 50;

/** It stands right before the handlers, and answers in their place where the caller is limited. */
export function limited({ store }: AdminDeps, mount: Mount): MiddlewareHandler<AdminEnv> {
  const surfaces = new Map<string, OpenAPIHono<AdminEnv>>();
  const surfaceOf = (scope: AdminScope): OpenAPIHono<AdminEnv> => {
    const name = JSON.stringify(scope);
    const surface = surfaces.get(name) ?? build((app) => mount(app, scopedStore(store, scope)));
    if (surfaces.size >= mostKept) surfaces.clear();
    surfaces.set(name, surface);
    return surface;
  };
  return async (c, next) => {
    const scope = c.get("access")?.scope ?? null;
    if (scope === null) return next();
    const { url, method, headers } = c.req.raw;
    const { bodyText } = c.var;
    const request = new Request(url, { method, headers, ...(bodyText !== "" && { body: bodyText }) });
    return surfaceOf(scope).fetch(request, { ...(c.env as object), outer: c });
  };
}

/** What is known of the request goes in, and what its handler says of its answer comes out. */
function build(mount: (app: OpenAPIHono<AdminEnv>) => void): OpenAPIHono<AdminEnv> {
  const app = new OpenAPIHono<AdminEnv>({
    defaultHook: (result) => {
      if (!result.success) throw validationError(result.error);
    },
  }).basePath(adminPath) as OpenAPIHono<AdminEnv>;
  app.use(async (c, next) => {
    const { outer } = c.env as unknown as { readonly outer: typeof c };
    copy(outer, c);
    await next();
    copy(c, outer);
  });
  mount(app);
  app.onError((error) => {
    throw error;
  });
  return app;
}

function copy(
  from: { readonly var: AdminEnv["Variables"] },
  to: { set(name: "requestId", value: string): void },
): void {
  for (const [name, value] of Object.entries(from.var)) to.set(name as "requestId", value as string);
}
