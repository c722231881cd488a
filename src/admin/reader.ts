// The admin surface without its locks: how the trail reads what a change is about. No request from outside reaches it.
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Reader } from "./audited.ts";
import type { AdminEnv } from "./deps.ts";
import { knownError } from "./errors.ts";

/** @param mount puts the routes on it. Each request brings the variables of the one that it is asked for (`asked`). */
export function createReader(mount: (app: OpenAPIHono<AdminEnv>) => void): Reader {
  const app = new OpenAPIHono<AdminEnv>();
  app.use(async (c, next) => {
    const { asked } = c.env as unknown as { readonly asked: AdminEnv["Variables"] };
    for (const [name, value] of Object.entries(asked)) c.set(name as "requestId", value as string);
    await next();
  });
  mount(app);
  app.onError((error, c) => c.body(null, (knownError(error)?.status ?? 500) as 500));
  return app as unknown as Reader;
}
