// Access tokens of Google and of Entra: what is asked for them, how long they are kept, and what happens when there is none.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { azure, azureAuth } from "../../../providers/azure.ts";
import type { Authorize, UpstreamRequest } from "../../../providers/define.ts";
import { ProviderError } from "../../../providers/dialects/failure.ts";
import { googleAuth } from "../../../providers/oauth/google.ts";
import { entraSecret, startTokenServer, type TokenServer } from "../../support/token-server.ts";

const minute = 60_000;
let nowMs = Date.UTC(2026, 10, 24);
let server: TokenServer;
let before = 0;

beforeAll(async () => {
  server = await startTokenServer(() => nowMs);
});
afterAll(() => server.close());
beforeEach(() => {
  nowMs += 24 * 60 * minute;
  Object.assign(server, { status: null, broken: false, life: 3599 });
  before = server.asked.length;
});

const request: UpstreamRequest = {
  method: "POST",
  baseUrl: "https://upstream.example",
  path: "/",
  headers: {},
  body: "{}",
};
const now = () => nowMs;
const asked = () => server.asked.length - before;
const bearer = async (authorize: Authorize, secret = server.serviceAccount) =>
  (await authorize(request, secret)).headers.authorization;

async function failureOf(authorize: Authorize, secret = server.serviceAccount): Promise<ProviderError> {
  const error: unknown = await (async () => authorize(request, secret))().then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ProviderError)) throw new Error(`not a provider's failure: ${error}`);
  return error;
}

describe("a service account", () => {
  it("signs an assertion that a strict endpoint takes", async () => {
    expect(await bearer(googleAuth({ now }))).toMatch(/^Bearer token-\d+$/);
    expect(server.refusals).toEqual([]);
  });

  it("asks once for fifty calls at a time, and answers later ones at once", async () => {
    const authorize = googleAuth({ now });
    const all = await Promise.all(Array.from({ length: 50 }, () => bearer(authorize)));
    expect(new Set(all).size).toBe(1);
    expect(asked()).toBe(1);
    expect(authorize(request, server.serviceAccount)).not.toBeInstanceOf(Promise);
  });

  it("has its token renewed ahead of its end, while the old one still serves", async () => {
    const authorize = googleAuth({ now });
    const first = await bearer(authorize);
    nowMs += 54 * minute;
    expect(await bearer(authorize)).toBe(first);
    expect(asked()).toBe(1);
    nowMs += 2 * minute;
    const second = authorize(request, server.serviceAccount);
    expect(second).toMatchObject({ headers: { authorization: first } });
    await expect.poll(() => bearer(authorize)).not.toBe(first);
    expect(asked()).toBe(2);
  });

  it("waits for a new token once the old one has ended", async () => {
    const authorize = googleAuth({ now });
    const first = await bearer(authorize);
    nowMs += 60 * minute;
    expect(await bearer(authorize)).not.toBe(first);
    expect(asked()).toBe(2);
    expect(server.refusals).toEqual([]);
  });

  it("lives on its old token while the endpoint is down, until its end", async () => {
    const authorize = googleAuth({ now });
    const first = await bearer(authorize);
    nowMs += 56 * minute;
    server.status = 503;
    expect(await bearer(authorize)).toBe(first);
    await expect.poll(asked).toBe(2);
    expect(await bearer(authorize)).toBe(first);
    nowMs += 4 * minute;
    expect((await failureOf(authorize)).failure.kind).toBe("server");
    server.status = null;
    expect(await bearer(authorize)).not.toBe(first);
  });

  it("asks again after a failure, and keeps none", async () => {
    const authorize = googleAuth({ now });
    server.broken = true;
    expect((await failureOf(authorize)).failure.kind).toBe("network");
    server.broken = false;
    expect(await bearer(authorize)).toMatch(/^Bearer token-/);
  });

  it.each([
    [400, "authentication"],
    [401, "authentication"],
    [429, "rate_limit"],
    [500, "server"],
    [302, "protocol"],
  ])(
    "that is answered with status %i fails as %s, in words without any part of the credential",
    async (status, kind) => {
      server.status = status;
      const error = await failureOf(googleAuth({ now }));
      expect(error.failure).toMatchObject({ kind, status });
      const told = `${error.message} ${error.stack} ${JSON.stringify(error.failure)}`;
      expect(told).not.toContain("no: ");
      for (const line of server.keyMaterial.match(/.{32}/g) ?? []) expect(told).not.toContain(line);
    },
  );

  it("whose key can't be read fails before anything is asked, without the key in the words", async () => {
    const broken = JSON.stringify({ ...JSON.parse(server.serviceAccount), private_key: "-----BEGIN nonsense-shh" });
    const error = await failureOf(googleAuth({ now }), broken);
    expect(error.failure.kind).toBe("authentication");
    expect(`${error.message}${error.stack}`).not.toContain("nonsense-shh");
    expect(asked()).toBe(0);
  });

  it("may have its line breaks written as backslash and n", async () => {
    const { private_key, ...rest } = JSON.parse(server.serviceAccount) as Record<string, string>;
    const mangled = JSON.stringify({ ...rest, private_key: private_key?.replaceAll("\n", "\\n") });
    expect(await bearer(googleAuth({ now }), mangled)).toMatch(/^Bearer token-/);
  });
});

describe("other identities of Google", () => {
  it("a user's credential is refreshed", async () => {
    const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "refresh-me" };
    const secret = JSON.stringify({ ...user, token_uri: server.url });
    expect(await bearer(googleAuth({ now }), secret)).toMatch(/^Bearer token-/);
    expect(server.asked.at(-1)).toMatchObject({ grant_type: "refresh_token", client_id: "c" });
    expect(server.refusals).toEqual([]);
  });

  it("an access token is sent as it is", async () => {
    expect(await bearer(googleAuth(), "ya29.token")).toBe("Bearer ya29.token");
  });
});

describe("an application of Entra", () => {
  const env = () => ({
    AZURE_TENANT_ID: "my-tenant",
    AZURE_CLIENT_ID: "my-client",
    AZURE_CLIENT_SECRET: entraSecret,
    AZURE_AUTHORITY_HOST: `${server.origin}/`,
  });

  it("asks for a token with its client credentials, once, however its life is written", async () => {
    server.life = "3599";
    const secret = azure.secretFrom(env()) ?? "";
    const authorize = azureAuth({ now });
    const all = await Promise.all(Array.from({ length: 50 }, () => bearer(authorize, secret)));
    expect(new Set(all).size).toBe(1);
    nowMs += 50 * minute;
    expect(await bearer(authorize, secret)).toBe(all[0]);
    expect(asked()).toBe(1);
    expect(server.refusals).toEqual([]);
  });

  it("that is refused fails as authentication, and its secret is in no word of it", async () => {
    const wrong = azure.secretFrom({ ...env(), AZURE_CLIENT_SECRET: "another-secret-0123456789" }) ?? "";
    const error = await failureOf(azureAuth({ now }), wrong);
    expect(error.failure).toMatchObject({ kind: "authentication", code: "invalid_grant" });
    expect(`${error.message}${error.stack}`).not.toContain("another-secret");
  });

  it("gives way to a key", () => {
    expect(azure.secretFrom({ ...env(), AZURE_OPENAI_API_KEY: "key" })).toBe("key");
  });
});
