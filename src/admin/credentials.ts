// /admin/v1/credentials: providers' credentials, written and never read back.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";
import type { CredentialRecord } from "../store/port-credentials.ts";
import type { Connection } from "../vault/credentials.ts";
import type { LiveConnections } from "../vault/live-connections.ts";
import {
  addCredential,
  type CredentialChanges,
  found,
  removeCredential,
  rotateCredential,
  updateCredential,
} from "./credential-changes.ts";
import { credentialPatch, credentialRequest, credentialRotation } from "./credential-request.ts";
import { type CredentialTestDeps, testCredential } from "./credential-test.ts";
import {
  type CredentialView,
  type CredentialViewing,
  configuredView,
  credentialSchema,
  credentialView,
  versionSchema,
  versionView,
} from "./credential-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";

/** What credentials are sealed, put in force and tested with. */
export interface CredentialAdminDeps extends Omit<CredentialChanges, "clock" | "refresh"> {
  readonly live: LiveConnections;
  /** A credential as calls would use it, in force or not; else why there is none. */
  connectionOf(record: CredentialRecord): Promise<Connection | string>;
  readonly openTransport: CredentialTestDeps["openTransport"];
}

const tags = ["credentials"];
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const inPath = z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) });
const headers = idempotencyHeader;
const secret = "The value is encrypted, and is in no answer, this one included.";

const add = createRoute({
  method: "post",
  path: "/credentials",
  tags,
  summary: "Add a provider's credential",
  description: `In force at once in this process, and in others within seconds. ${secret}`,
  request: { headers, body: body(credentialRequest) },
  responses: { 201: json(credentialSchema, "The credential."), ...errors(400, 401, 403, 409, 413, 415, 429, 503) },
});

const list = createRoute({
  method: "get",
  path: "/credentials",
  tags,
  summary: "List the credentials of providers, stored ones and those of the environment and the configuration file",
  request: {
    query: z.strictObject({
      provider: z.string().optional(),
      customer: z.string().optional().openapi({ description: "Only the keys of this customer." }),
    }),
  },
  responses: { 200: json(listOf(credentialSchema, "CredentialList"), "All of them."), ...errors(400, 401, 403, 429) },
});

const get = createRoute({
  method: "get",
  path: "/credentials/{id}",
  tags,
  summary: "Read what is said of a credential",
  request: { params: inPath },
  responses: { 200: json(credentialSchema, "The credential."), ...errors(401, 403, 404, 429) },
});

const patch = createRoute({
  method: "patch",
  path: "/credentials/{id}",
  tags,
  summary: "Change what is said of a credential",
  description: "Absent members stay. A new value is given by rotating it.",
  request: { params: inPath, headers, body: body(credentialPatch) },
  responses: { 200: json(credentialSchema, "The credential."), ...errors(400, 401, 403, 404, 409, 413, 415, 429) },
});

const remove = createRoute({
  method: "delete",
  path: "/credentials/{id}",
  tags,
  summary: "Remove a credential and overwrite its values",
  description: "Calls that are under way with it end as they end.",
  request: { params: inPath },
  responses: {
    200: json(
      z
        .object({ id: z.string(), object: z.literal("credential"), deleted: z.literal(true) })
        .openapi("DeletedCredential"),
      "Removed.",
    ),
    ...errors(401, 403, 404, 429),
  },
});

const rotate = createRoute({
  method: "post",
  path: "/credentials/{id}/rotate",
  tags,
  summary: "Give a credential a new value",
  description:
    "Calls move to it at once. Until the overlap ends, a call goes on with the former one where the provider refuses the new one. Then the " +
    `former one is destroyed. ${secret}`,
  request: { params: inPath, headers, body: body(credentialRotation) },
  responses: { 200: json(credentialSchema, "The credential."), ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
});

const versions = createRoute({
  method: "get",
  path: "/credentials/{id}/versions",
  tags,
  summary: "List the values that a credential has had, newest first",
  request: { params: inPath },
  responses: {
    200: json(listOf(versionSchema, "CredentialVersionList"), "All of them."),
    ...errors(401, 403, 404, 429),
  },
});

const testResult = z
  .object({
    object: z.literal("credential_test"),
    ok: z.boolean(),
    result: z.string().openapi({ description: "`ok`, or the kind of failure: `authentication`, `network`, …" }),
    message: z.string(),
    asked: z
      .string()
      .openapi({ description: "`models`: the provider's list; else the model that was called for one token." }),
    http_status: z.int().nullable(),
    duration_ms: z.int(),
  })
  .openapi("CredentialTest");

const test = createRoute({
  method: "post",
  path: "/credentials/{id}/test",
  tags,
  summary: "Check a credential against its provider",
  description: "With the cheapest request that proves something: a list of models, or a call of one token.",
  request: {
    params: inPath,
    headers,
    body: {
      required: false,
      content: {
        "application/json": {
          schema: z.strictObject({ model: z.string().min(1).max(200).optional() }).openapi("CredentialTestRequest"),
        },
      },
    },
  },
  responses: { 200: json(testResult, "What came of it."), ...errors(400, 401, 403, 404, 409, 413, 415, 429) },
});

export const credentialRoutes = [add, list, get, patch, remove, rotate, versions, test];

export function mountCredentials(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { live, connectionOf, openTransport, ...parts } = deps.credentials;
  const { store } = parts;
  const changes: CredentialChanges = { ...parts, clock: deps.clock, refresh: () => live.refresh() };
  const viewing = (): CredentialViewing => ({
    connections: live.current(),
    measures: deps.routing.router.measures,
    keyring: parts.keyring,
    nowMs: deps.clock.now(),
  });
  const viewOf = async (record: CredentialRecord): Promise<CredentialView> => {
    const [current] = await store.versions(record.id);
    return credentialView(record, current, viewing());
  };

  app.openapi(add, async (c) => {
    const view = await viewOf(await addCredential(c.req.valid("json"), changes));
    c.set("replay", view);
    return c.json(view, 201);
  });

  app.openapi(list, async (c) => {
    const { provider, customer } = c.req.valid("query");
    const now = viewing();
    const newest = new Map((await store.versions()).toReversed().map((one) => [one.credentialId, one]));
    const stored = (await store.list()).map((record) => credentialView(record, newest.get(record.id), now));
    const configured = [...live.configured.values()]
      .filter((one) => one.provider.local === null)
      .map((one) => configuredView(one, now));
    const data = [...configured, ...stored].filter(
      (one) => (provider ?? one.provider) === one.provider && (customer ?? one.customer) === one.customer,
    );
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });

  app.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    const configured = live.configured.get(id);
    if (configured !== undefined && configured.provider.local === null) {
      return c.json(configuredView(configured, viewing()), 200);
    }
    return c.json(await viewOf(found(await store.get(id))), 200);
  });

  app.openapi(patch, async (c) => {
    const { id } = c.req.valid("param");
    notConfigured(id, live);
    return c.json(await viewOf(await updateCredential(id, c.req.valid("json"), changes)), 200);
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    notConfigured(id, live);
    await removeCredential(id, changes);
    return c.json({ id, object: "credential" as const, deleted: true as const }, 200);
  });

  app.openapi(rotate, async (c) => {
    const { id } = c.req.valid("param");
    notConfigured(id, live);
    const view = await viewOf(await rotateCredential(id, c.req.valid("json"), changes));
    c.set("replay", view);
    return c.json(view, 200);
  });

  app.openapi(versions, async (c) => {
    const { id } = c.req.valid("param");
    found(await store.get(id));
    const data = (await store.versions(id)).map(versionView);
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });

  app.openapi(test, async (c) => {
    const { id } = c.req.valid("param");
    const { model = null } = (c.req.valid("json") as { model?: string } | undefined) ?? {};
    const configured = live.configured.get(id);
    const record = configured === undefined ? found(await store.get(id)) : null;
    const connection = record === null ? configured : await connectionOf(record);
    if (connection === undefined || typeof connection === "string") {
      throw new GatewayError("conflict", `This credential can't be used: ${connection}.`);
    }
    const catalog = deps.models.catalog.current();
    const result = await testCredential(connection, model, { openTransport, catalog, clock: deps.clock });
    if (record !== null) await store.tested(id, { result: result.result, atMs: deps.clock.now() });
    const { httpStatus: http_status, durationMs: duration_ms, ...same } = result;
    return c.json({ object: "credential_test" as const, ...same, http_status, duration_ms }, 200);
  });
}

/** What is read at start can't be changed while it runs. */
function notConfigured(id: string, { configured }: LiveConnections): void {
  if (!configured.has(id)) return;
  const message = "This credential stands in the environment or in turnpike.yaml: change it there, and restart.";
  throw new GatewayError("conflict", message);
}
