// Logins as clients ask for them and see them.
import { createRoute, z } from "@hono/zod-openapi";
import { sessionSchema } from "./admins-view.ts";
import { json } from "./keys.ts";
import { errors, listOf } from "./schemas.ts";

const tags = ["session"];
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const optional = <T extends z.ZodType>(schema: T) => ({ required: false, content: { "application/json": { schema } } });
const failures = errors(400, 401, 403, 404, 409, 413, 415, 429, 503);

/** A second factor: one of these. */
const proof = {
  code: z.string().max(20).optional().openapi({ description: "Of the authenticator app.", example: "123456" }),
  recovery_code: z.string().max(40).optional(),
  passkey: z
    .strictObject({ challenge_id: z.string().max(100), response: z.looseObject({}) })
    .optional()
    .openapi({ description: "The browser's answer to POST /session/passkey." }),
};
export const proofRequest = z.strictObject(proof).openapi("SecondFactorProof");
export const loginRequest = z
  .strictObject({
    ...proof,
    as: z
      .enum(["cookie", "token"])
      .default("cookie")
      .openapi({ description: "A browser's cookie, or a bearer token." }),
  })
  .openapi("LoginRequest");
export type Proof = z.output<typeof proofRequest>;

export const openedSchema = sessionSchema
  .extend({
    csrf_token: z
      .string()
      .nullable()
      .openapi({ description: "To be sent as x-turnpike-csrf with every change; of cookies." }),
    token: z.string().optional().openapi({ description: "Shown this once, where a token was asked for." }),
  })
  .openapi("OpenedSession");

const pathProvider = z.object({ provider: z.string().openapi({ param: { name: "provider", in: "path" } }) });

export const login = createRoute({
  method: "post",
  path: "/session/login",
  tags,
  summary: "Sign in with your key, and your second factor where you have one",
  request: { body: optional(loginRequest) },
  responses: { 201: json(openedSchema, "The session."), ...failures },
});
export const askProof = createRoute({
  method: "post",
  path: "/session/passkey",
  tags,
  summary: "Begin to show a passkey",
  responses: {
    200: json(
      z.object({ challenge_id: z.string(), options: z.record(z.string(), z.unknown()) }),
      "What to ask the browser.",
    ),
    ...failures,
  },
});
export const verify = createRoute({
  method: "post",
  path: "/session/verify",
  tags,
  summary: "Show your second factor again, for delicate changes",
  description: "The session goes on under a new token.",
  request: { body: body(proofRequest) },
  responses: { 200: json(openedSchema, "The session."), ...failures },
});
export const getSession = createRoute({
  method: "get",
  path: "/session",
  tags,
  summary: "Read your session",
  responses: { 200: json(openedSchema, "The session."), ...failures },
});
export const logout = createRoute({
  method: "delete",
  path: "/session",
  tags,
  summary: "Sign out",
  responses: {
    200: json(z.object({ object: z.literal("session"), deleted: z.literal(true) }).openapi("SignedOut"), "Ended."),
    ...failures,
  },
});

export const listProviders = createRoute({
  method: "get",
  path: "/session/providers",
  tags,
  summary: "List the identity providers at which administrators sign in",
  security: [],
  responses: {
    200: json(listOf(z.object({ name: z.string() }), "SignInProviders"), "By name."),
    ...errors(429),
  },
});
export const beginLogin = createRoute({
  method: "get",
  path: "/session/login/{provider}",
  tags,
  summary: "Go to an identity provider to sign in",
  security: [],
  request: {
    params: pathProvider,
    query: z.strictObject({
      return_to: z
        .string()
        .max(500)
        .regex(/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/, "expected a path of this gateway")
        .default("/")
        .openapi({ description: "Where to come back to." }),
      cli_port: z.coerce
        .number()
        .int()
        .min(1)
        .max(65_535)
        .optional()
        .openapi({ description: "Of the command line on the same machine." }),
      cli_challenge: z
        .string()
        .regex(/^[A-Za-z0-9_-]{43}$/)
        .optional()
        .openapi({ description: "SHA-256 of its verifier, base64url." }),
    }),
  },
  responses: { 302: { description: "To the provider." }, ...failures },
});
export const callback = createRoute({
  method: "get",
  path: "/session/callback/{provider}",
  tags,
  summary: "Come back from an identity provider",
  security: [],
  request: { params: pathProvider },
  responses: { 303: { description: "Signed in." }, ...failures },
});
export const exchange = createRoute({
  method: "post",
  path: "/session/token",
  tags,
  summary: "Trade the command line's code for a token",
  security: [],
  request: { body: body(z.strictObject({ code: z.string().max(100), verifier: z.string().min(43).max(128) })) },
  responses: { 201: json(openedSchema, "The session."), ...failures },
});
export const beginDevice = createRoute({
  method: "post",
  path: "/session/device/{provider}",
  tags,
  summary: "Begin to sign in on another device",
  security: [],
  request: { params: pathProvider },
  responses: {
    200: json(
      z
        .object({
          device_id: z.string(),
          user_code: z.string(),
          verification_uri: z.string(),
          verification_uri_complete: z.string().nullable(),
          interval: z.number(),
          expires_in: z.number(),
        })
        .openapi("DeviceLogin"),
      "What to show, and how often to ask.",
    ),
    ...failures,
  },
});
export const finishDevice = createRoute({
  method: "post",
  path: "/session/device/{provider}/token",
  tags,
  summary: "Ask whether somebody has signed in on the other device",
  security: [],
  request: { params: pathProvider, body: body(z.strictObject({ device_id: z.string().max(100) })) },
  responses: {
    201: json(openedSchema, "The session."),
    202: json(z.object({ status: z.enum(["pending", "slow_down"]) }).openapi("DevicePending"), "Not yet."),
    ...failures,
  },
});

export const sessionRoutes = [
  ...[login, askProof, verify, getSession, logout, listProviders, beginLogin, callback, exchange],
  ...[beginDevice, finishDevice],
];
