// /admin/v1/keys: making, listing, reading and revoking customers' keys.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";
import { issueKey, type KeyRequest } from "../keys/issue.ts";
import { revokeKey } from "../keys/revoke.ts";
import type { KeyRecord } from "../store/port.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { keyQuery, toKeyQuery } from "./key-query.ts";
import { checkName, withTemplate } from "./key-rules.ts";
import { keySchema, keyView } from "./key-view.ts";
import { policySchema, rotationSchema, toPolicyJson, toRotation } from "./policy-view.ts";
import { errors, idempotencyHeader, label, listOf } from "./schemas.ts";
import { moment } from "./times.ts";

/** What is needed to make a key. The command line checks its options with it too. */
export const keyRequest = z
  .strictObject({
    name: label(100).openapi({ example: "checkout" }),
    customer: label(100).openapi({ example: "acme" }),
    project: label(100).default("default"),
    environment: z.enum(["live", "test", "dev"]).default("live"),
    expires_at: moment
      .nullable()
      .default(null)
      .openapi({ description: "From this time on the key is refused. A date is its midnight, UTC." }),
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(500))
      .refine((metadata) => Object.keys(metadata).length <= 50, "at most 50 entries")
      .default({}),
    policy: policySchema.default({}),
    template: z
      .string()
      .max(100)
      .optional()
      .openapi({ description: "A policy template: what `policy` does not say, it has from there." }),
    rotation: rotationSchema.nullable().default(null),
    idle_days: z.number().int().min(1).max(3_650).nullable().default(null).openapi({
      description: "Days without use after which it is refused.",
    }),
  })
  .openapi("KeyRequest");

export const keyId = z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) });
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const tags = ["keys"];

const createKey = createRoute({
  method: "post",
  path: "/keys",
  tags,
  summary: "Make a key",
  description: "The secret is in this answer (`key`) and never again; a repetition with the same key does not show it.",
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { "application/json": { schema: keyRequest } } },
  },
  responses: {
    201: json(keySchema.extend({ key: z.string().optional() }).openapi("NewKey"), "The key, with its secret."),
    ...errors(400, 401, 403, 409, 413, 415, 429),
  },
});

const listKeys = createRoute({
  method: "get",
  path: "/keys",
  tags,
  summary: "List keys, newest first",
  description: "Beside these parameters, any `metadata.<name>=<value>` that the keys must have.",
  request: { query: keyQuery },
  responses: { 200: json(listOf(keySchema, "KeyList"), "A page of keys."), ...errors(400, 401, 403, 429) },
});

const getKey = createRoute({
  method: "get",
  path: "/keys/{id}",
  tags,
  summary: "Read a key",
  request: { params: keyId },
  responses: { 200: json(keySchema, "The key."), ...errors(401, 403, 404, 429) },
});

const revoke = createRoute({
  method: "post",
  path: "/keys/{id}/revoke",
  tags,
  summary: "Revoke a key, for good",
  description: "This process refuses it at once, others within half a second. Revoking it again changes nothing.",
  request: {
    params: keyId,
    headers: idempotencyHeader,
    body: { required: false, content: { "application/json": { schema: z.strictObject({}) } } },
  },
  responses: { 200: json(keySchema, "The revoked key."), ...errors(400, 401, 403, 404, 409, 413, 415, 429) },
});

export const keyRoutes = [createKey, listKeys, getKey, revoke];

export function mountKeys(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { digest, clock } = deps;
  const { keys } = deps.store;

  app.openapi(createKey, async (c) => {
    const { template, ...asked } = c.req.valid("json");
    checkName(asked.name, deps.keyNames);
    const policy = await withTemplate(deps.store.templates, template, asked.policy);
    const request = toKeyRequest({ ...asked, policy }, clock.now());
    const { key, secret } = await issueKey({ keys, digest, clock }, request);
    const view = keyView(key);
    c.set("replay", view);
    c.header("cache-control", "no-store");
    return c.json({ ...view, key: secret }, 201);
  });

  app.openapi(listKeys, async (c) => {
    const page = await keys.list(toKeyQuery(c.req.valid("query"), clock.now()));
    const has_more = page.nextCursor !== null;
    return c.json(
      { object: "list" as const, data: page.data.map(keyView), has_more, next_cursor: page.nextCursor },
      200,
    );
  });

  app.openapi(getKey, async (c) => {
    const key = await keys.get(c.req.valid("param").id);
    return c.json(keyView(found(key)), 200);
  });

  app.openapi(revoke, async (c) => {
    const onChange = (id: string) => deps.ring.forget(id);
    const view = keyView(found(await revokeKey({ keys, clock, onChange }, c.req.valid("param").id)));
    c.set("replay", view);
    return c.json(view, 200);
  });
}

/**
 * A request as the keys' own room takes it.
 * @throws GatewayError `invalid_request` for an expiry that has passed.
 */
export function toKeyRequest(
  { expires_at, policy, rotation, idle_days, ...request }: Omit<z.infer<typeof keyRequest>, "template">,
  nowMs: number,
): KeyRequest {
  return {
    ...request,
    expiresAtMs: readExpiry(expires_at, nowMs),
    policy: toPolicyJson(policy),
    rotation: toRotation(rotation),
    idleDays: idle_days,
  };
}

/**
 * When something is to expire, in epoch milliseconds.
 * @throws GatewayError `invalid_request` for a time that has passed: it could never be used.
 */
export function readExpiry(expiresAt: string | null, nowMs: number): number | null {
  if (expiresAt === null) return null;
  const atMs = Date.parse(expiresAt);
  if (atMs > nowMs) return atMs;
  throw new GatewayError("invalid_request", "`expires_at` lies in the past.", { param: "expires_at" });
}

export function found(key: KeyRecord | null): KeyRecord {
  if (key === null) throw new GatewayError("not_found", "There is no key with this id.");
  return key;
}
