// /admin/v1/me: who the caller is, its own key, second factors and sessions.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import { newKey } from "./admins.ts";
import { rotateAdminRequest, scopeSchema, sessionSchema, sessionView, shownScope } from "./admins-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { json, keyId } from "./keys.ts";
import { errors, idempotencyHeader, label, listOf, timestamp } from "./schemas.ts";
import { factorIsOpen, hasFactor, isFactorRequired, requireOwnFactor } from "./second-factor.ts";
import { baseUrl } from "./session-cookie.ts";
import { tell } from "./session-told.ts";

const tags = ["me"];
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const optional = <T extends z.ZodType>(schema: T) => ({ required: false, content: { "application/json": { schema } } });
const changing = errors(400, 401, 403, 404, 409, 413, 415, 429);

const meSchema = z
  .object({
    id: z.string(),
    object: z.literal("me"),
    name: z.string(),
    email: z.string().nullable(),
    provider: z.string().nullable(),
    role: z.string(),
    permissions: z.array(z.string()),
    scope: scopeSchema,
    second_factor: z.object({
      required: z.boolean(),
      enrolled: z.boolean(),
      open: z
        .boolean()
        .openapi({ description: "It is required and was not shown: enrolment and login are all there is." }),
    }),
    session: sessionSchema.nullable(),
  })
  .openapi("Me");

const getMe = createRoute({
  method: "get",
  path: "/me",
  tags,
  summary: "Read who you are and what you may do",
  responses: { 200: json(meSchema, "You."), ...errors(401, 403, 429) },
});
const rotateMe = createRoute({
  method: "post",
  path: "/me/rotate",
  tags,
  summary: "Give yourself a new key",
  request: { headers: idempotencyHeader, body: optional(rotateAdminRequest) },
  responses: {
    200: json(
      z.object({ object: z.literal("admin_key"), key: z.string().optional() }).openapi("OwnKey"),
      "The new key.",
    ),
    ...changing,
  },
});

const factorsSchema = z
  .object({
    object: z.literal("second_factors"),
    totp: z.boolean(),
    recovery_codes_left: z.int(),
    passkeys: z.array(
      z.object({ id: z.string(), name: z.string(), created_at: timestamp, last_used_at: timestamp.nullable() }),
    ),
  })
  .openapi("SecondFactors");
const asked = z
  .object({ challenge_id: z.string(), options: z.record(z.string(), z.unknown()) })
  .openapi("PasskeyQuestion", { description: "`options` is what `navigator.credentials` takes." });
const codes = z
  .object({ object: z.literal("recovery_codes"), codes: z.array(z.string()) })
  .openapi("RecoveryCodes", { description: "Each works once, in place of a code. Shown this once." });

const getFactors = createRoute({
  method: "get",
  path: "/me/second-factors",
  tags,
  summary: "List your second factors",
  responses: { 200: json(factorsSchema, "What there is."), ...errors(401, 403, 429) },
});
const beginTotp = createRoute({
  method: "post",
  path: "/me/totp",
  tags,
  summary: "Begin with an authenticator app",
  description: "It counts once POST /me/totp/confirm has seen a code.",
  responses: {
    200: json(
      z.object({ secret: z.string(), otpauth_url: z.string() }).openapi("TotpSecret"),
      "What the app must know.",
    ),
    ...changing,
  },
});
const confirmTotp = createRoute({
  method: "post",
  path: "/me/totp/confirm",
  tags,
  summary: "Show a first code of the app",
  request: { body: body(z.strictObject({ code: z.string().max(20) })) },
  responses: { 200: json(codes, "It counts from now on; these are for when the app is lost."), ...changing },
});
const removeTotp = createRoute({
  method: "delete",
  path: "/me/totp",
  tags,
  summary: "Remove the authenticator app",
  responses: { 200: json(factorsSchema, "What is left."), ...changing },
});
const renewRecovery = createRoute({
  method: "post",
  path: "/me/recovery-codes",
  tags,
  summary: "Make new recovery codes; the old ones no longer work",
  responses: { 200: json(codes, "The codes."), ...changing },
});
const askPasskey = createRoute({
  method: "post",
  path: "/me/passkeys/options",
  tags,
  summary: "Begin to register a passkey",
  responses: { 200: json(asked, "What to ask the browser."), ...changing },
});
const addPasskey = createRoute({
  method: "post",
  path: "/me/passkeys",
  tags,
  summary: "Register a passkey",
  request: {
    body: body(
      z.strictObject({
        challenge_id: z.string().max(100),
        name: label(100),
        response: z.looseObject({}).openapi({ description: "As the browser gave it." }),
      }),
    ),
  },
  responses: { 201: json(factorsSchema, "What there is now."), ...changing },
});
const removePasskey = createRoute({
  method: "delete",
  path: "/me/passkeys/{id}",
  tags,
  summary: "Remove a passkey",
  request: { params: keyId },
  responses: { 200: json(factorsSchema, "What is left."), ...changing },
});
const listSessions = createRoute({
  method: "get",
  path: "/me/sessions",
  tags,
  summary: "List your sessions",
  responses: { 200: json(listOf(sessionSchema, "SessionList"), "All of them."), ...errors(401, 403, 429) },
});
const endSession = createRoute({
  method: "delete",
  path: "/me/sessions/{id}",
  tags,
  summary: "End one of your sessions",
  request: { params: keyId },
  responses: {
    200: json(
      z.object({ id: z.string(), object: z.literal("session"), deleted: z.literal(true) }).openapi("EndedSession"),
      "Ended.",
    ),
    ...changing,
  },
});

export const meRoutes = [
  ...[getMe, rotateMe, getFactors, beginTotp, confirmTotp, removeTotp, renewRecovery],
  ...[askPasskey, addPasskey, removePasskey, listSessions, endSession],
];

export function mountMe(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { store, signIn } = deps;
  const { codes, passkeys } = signIn;

  app.openapi(getMe, async (c) => {
    const { admin, access, session } = c.var;
    return c.json(
      {
        id: admin.id,
        object: "me" as const,
        name: admin.name,
        email: admin.email,
        provider: admin.provider,
        role: admin.role,
        permissions: [...access.permissions].sort(),
        scope: shownScope(access.scope),
        second_factor: {
          required: isFactorRequired(admin, access, deps),
          enrolled: await hasFactor(admin, deps),
          open: await factorIsOpen(c, deps),
        },
        session: session === null ? null : sessionView(session, session.id),
      },
      200,
    );
  });
  app.openapi(rotateMe, async (c) => {
    await requireOwnFactor(c, deps);
    const { overlap_hours = 24 } = (c.req.valid("json") as z.output<typeof rotateAdminRequest> | undefined) ?? {};
    const key = await newKey(deps, c.var.admin, overlap_hours);
    await tell(c, deps, { action: "admin.rotate", outcome: "success" });
    c.set("replay", { object: "admin_key" });
    c.header("cache-control", "no-store");
    return c.json({ object: "admin_key" as const, key }, 200);
  });

  app.openapi(getFactors, async (c) => c.json(await factorsOf(c), 200));
  app.openapi(beginTotp, async (c) => {
    await mayEnrol(c);
    const { secret, url } = await codes.begin(c.var.admin);
    c.header("cache-control", "no-store");
    return c.json({ secret, otpauth_url: url }, 200);
  });
  app.openapi(confirmTotp, async (c) => {
    await mayEnrol(c);
    const { id } = c.var.admin;
    if (!(await codes.confirm(id, c.req.valid("json").code))) {
      throw new GatewayError("invalid_request", "This is not the code of now. Check the device's clock.", {
        param: "code",
      });
    }
    await tell(c, deps, { action: "second-factor.add", outcome: "success", after: { kind: "totp" } });
    return recoveryCodes(c);
  });
  app.openapi(removeTotp, async (c) => {
    await requireOwnFactor(c, deps);
    await store.factors.removeTotp(c.var.admin.id);
    await tell(c, deps, { action: "second-factor.remove", outcome: "success", before: { kind: "totp" } });
    return c.json(await factorsOf(c), 200);
  });
  app.openapi(renewRecovery, async (c) => {
    await requireOwnFactor(c, deps);
    await tell(c, deps, { action: "second-factor.renew", outcome: "success", after: { kind: "recovery" } });
    return recoveryCodes(c);
  });
  app.openapi(askPasskey, async (c) => {
    await mayEnrol(c);
    const { challengeId, options } = await passkeys.beginRegistration(c.var.admin, baseUrl(c, deps).origin);
    return c.json({ challenge_id: challengeId, options }, 200);
  });
  app.openapi(addPasskey, async (c) => {
    await mayEnrol(c);
    const { challenge_id: challengeId, name, response } = c.req.valid("json");
    const { id } = await passkeys.register(c.var.admin.id, { challengeId, name, response });
    await tell(c, deps, { action: "second-factor.add", outcome: "success", after: { kind: "passkey", id, name } });
    return c.json(await factorsOf(c), 201);
  });
  app.openapi(removePasskey, async (c) => {
    await requireOwnFactor(c, deps);
    const { id } = c.req.valid("param");
    if (!(await store.factors.removePasskey(c.var.admin.id, id))) {
      throw new GatewayError("not_found", "You have no passkey of this id.");
    }
    await tell(c, deps, { action: "second-factor.remove", outcome: "success", before: { kind: "passkey", id } });
    return c.json(await factorsOf(c), 200);
  });

  app.openapi(listSessions, async (c) => {
    const all = await store.sessions.list(c.var.admin.id);
    const data = all.map((session) => sessionView(session, c.var.session?.id ?? null));
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
  app.openapi(endSession, async (c) => {
    const { id } = c.req.valid("param");
    const session = await store.sessions.get(id);
    if (session?.adminId !== c.var.admin.id) throw new GatewayError("not_found", "You have no session of this id.");
    await store.sessions.remove(id);
    await tell(c, deps, { action: "session.revoke", outcome: "success", target: { type: "session", id } });
    return c.json({ id, object: "session" as const, deleted: true as const }, 200);
  });

  /** Who signs in elsewhere has its factors there. */
  async function mayEnrol(c: Context<AdminEnv>): Promise<void> {
    if (c.var.admin.provider !== null) {
      throw new GatewayError("conflict", "You sign in elsewhere: your second factors are kept there.");
    }
    await requireOwnFactor(c, deps);
  }

  async function recoveryCodes(c: Context<AdminEnv>) {
    const fresh = await codes.recovery(c.var.admin.id);
    c.header("cache-control", "no-store");
    return c.json({ object: "recovery_codes" as const, codes: [...fresh] }, 200);
  }

  async function factorsOf(c: Context<AdminEnv>): Promise<z.infer<typeof factorsSchema>> {
    const { id } = c.var.admin;
    const totp = await store.factors.totp(id);
    return {
      object: "second_factors",
      totp: totp !== null && totp.confirmedAtMs !== null,
      recovery_codes_left: await store.factors.recoveryLeft(id),
      passkeys: (await store.factors.passkeys(id)).map((passkey) => ({
        id: passkey.id,
        name: passkey.name,
        created_at: new Date(passkey.createdAtMs).toISOString(),
        last_used_at: passkey.lastUsedAtMs === null ? null : new Date(passkey.lastUsedAtMs).toISOString(),
      })),
    };
  }
}
