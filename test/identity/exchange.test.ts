// POST /v1/token: tokens of real issuers for short-lived keys, and every token that must get none.

import { createHmac, createPublicKey, type JsonWebKey } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { startIssuer, type TokenIssuer } from "../support/issuer.ts";
import { admin, answerOf, call, exchange, exchangeForm, makeRule, trailOf } from "./setup.ts";

let gateway: Gateway;
let issuer: TokenIssuer;
beforeAll(async () => {
  [gateway, issuer] = await Promise.all([
    startGateway({ env: { TURNPIKE_SANDBOX: "on", TURNPIKE_LOG_LEVEL: "silent" } }),
    startIssuer(),
  ]);
});
afterAll(() => Promise.all([gateway.close(), issuer.close()]));
const made: string[] = [];
afterEach(async () => {
  for (const id of made.splice(0)) await admin(gateway, "DELETE", `/rules/${id}`);
});
async function rule(over: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await makeRule(gateway, { issuer: issuer.url, ...over });
  made.push(id);
  return id;
}
const nowS = () => Math.floor(Date.now() / 1_000);

describe("a token that a rule takes", () => {
  it("is exchanged for a key that works, is the rule's customer's, and dies with the token", async () => {
    const id = await rule({
      claims: { repository: "acme/shop" },
      keep_claims: ["run_id", "/deep/er"],
      key_name: "{rule} {run_id} {none}",
    });
    const token = await issuer.token({ repository: "acme/shop", run_id: 17, deep: { er: ["a", "b"] } });
    const { status, headers, body } = await exchange(gateway, token);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      access_token: expect.stringMatching(/^tp_live_/),
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      token_type: "Bearer",
      expires_in: expect.any(Number),
    });
    expect(body.expires_in).toBeLessThanOrEqual(300);
    expect(body.expires_in).toBeGreaterThan(280);
    expect((await call(gateway, String(body.access_token))).status).toBe(200);
    const own = await answerOf(
      await fetch(`${gateway.url}/v1/key`, { headers: { authorization: `Bearer ${body.access_token}` } }),
    );
    expect(own.body).toMatchObject({
      name: "shop-ci 17 -",
      customer: "acme",
      project: "shop",
      metadata: {
        rule: id,
        subject: "repo:acme/shop:ref:refs/heads/main",
        repository: "acme/shop",
        run_id: "17",
        "/deep/er": "a,b",
      },
    });
    expect((await admin(gateway, "GET", `/rules/${id}`)).body).toMatchObject({ live_keys: 1 });
    const told = (await trailOf(gateway)).filter(({ action }) => action === "token.exchange").at(-1);
    expect(told).toMatchObject({
      actor: { type: "workload", id: "repo:acme/shop:ref:refs/heads/main" },
      target: { type: "rule", id },
      outcome: "success",
      after: { name: "shop-ci 17 -", metadata: { run_id: "17" }, direct: false },
    });
    for (const secret of [token, String(body.access_token)]) expect(JSON.stringify(told)).not.toContain(secret);
  });

  it("gets a key for the rule's time where it may outlive the token, and 12 hours at most", async () => {
    await rule({ outlive_token: true, ttl_seconds: 7_200 });
    expect((await exchange(gateway, await issuer.token())).body.expires_in).toBe(7_200);
    const refused = await admin(gateway, "POST", "/rules", {
      name: "x",
      issuer: issuer.url,
      audiences: ["a"],
      customer: "c",
      ttl_seconds: 43_201,
    });
    expect(refused.body).toMatchObject({ error: { code: "invalid_request", param: "ttl_seconds" } });
  });

  it("gets a key for fewer endpoints where it asks for them by `scope`, and for none that the rule has not", async () => {
    await rule({ policy: { endpoints: ["chat", "embeddings"] } });
    const { body } = await exchange(gateway, await issuer.token(), { scope: "embeddings" });
    expect(body.scope).toBe("embeddings");
    expect((await call(gateway, String(body.access_token))).body).toMatchObject({
      error: { code: "endpoint_not_allowed" },
    });
    expect((await exchange(gateway, await issuer.token(), { scope: "rerank" })).body).toMatchObject({
      error: "invalid_scope",
    });
    expect((await exchange(gateway, await issuer.token(), { scope: "everything" })).body).toMatchObject({
      error: "invalid_scope",
    });
  });

  it("chooses among rules by `audience` or `resource`, else the oldest", async () => {
    const first = await rule({ name: "first", customer: "one" });
    const second = await rule({ name: "second", customer: "two", audiences: ["turnpike", "https://gateway.example"] });
    const customerOf = async (more?: Record<string, string> | string[][]): Promise<unknown> => {
      const { body } = await exchange(gateway, await issuer.token(), more);
      if (body.error !== undefined) return body.error;
      const key = await fetch(`${gateway.url}/v1/key`, { headers: { "x-api-key": String(body.access_token) } });
      return (await answerOf(key)).body.customer;
    };
    expect(await customerOf()).toBe("one");
    expect(await customerOf({ audience: "second" })).toBe("two");
    expect(await customerOf({ audience: first })).toBe("one");
    expect(await customerOf({ resource: "https://gateway.example" })).toBe("two");
    expect(
      await customerOf([
        ["audience", second],
        ["audience", "first"],
      ]),
    ).toBe("invalid_target");
    expect(await customerOf({ audience: "third" })).toBe("invalid_target");
  });

  it("is taken whatever public-key algorithm its issuer signs by", async () => {
    for (const algorithm of ["ES256", "EdDSA"] as const) {
      const other = await startIssuer(algorithm);
      await rule({ issuer: other.url });
      expect((await exchange(gateway, await other.token())).status).toBe(200);
      await other.close();
    }
  });

  it("is taken by keys that the rule brings, of an issuer that nobody can ask", async () => {
    const unreachable = "https://kubernetes.default.svc.cluster.local";
    await rule({
      issuer: unreachable,
      jwks: issuer.jwks(),
      subjects: null,
      claims: { "/kubernetes.io/namespace": "prod" },
    });
    const claims = { iss: unreachable, sub: "system:serviceaccount:prod:web", aud: ["turnpike"] };
    const asked = issuer.asked.length;
    expect(
      (await exchange(gateway, await issuer.token({ ...claims, "kubernetes.io": { namespace: "prod" } }))).status,
    ).toBe(200);
    expect(
      (await exchange(gateway, await issuer.token({ ...claims, "kubernetes.io": { namespace: "dev" } }))).body,
    ).toMatchObject({
      error_description: "No rule of this gateway takes a token with these claims.",
    });
    expect(issuer.asked.length).toBe(asked);
  });
});

describe("a token that gets no key", () => {
  const refusal = async (token: string, more?: Record<string, string>) => {
    const { status, body } = await exchange(gateway, token, more);
    expect(Object.keys(body).sort()).toEqual(["error", "error_description"]);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toContain(token.slice(-20));
    return `${body.error}: ${body.error_description}`;
  };

  it("is of an issuer that no rule names, which is not asked", async () => {
    await rule();
    const stranger = await startIssuer();
    expect(await refusal(await stranger.token())).toContain("No rule of this gateway trusts the token's issuer");
    expect(stranger.asked).toEqual([]);
    // Named as a trusted one, it is still signed by nobody whom that one knows.
    expect(await refusal(await stranger.token({ iss: issuer.url }, { kid: "key-1" }))).toContain("signature");
    expect(await refusal(await stranger.token({ iss: issuer.url }, { kid: "other" }))).toContain("no key");
    expect(await refusal(await stranger.token({ iss: `${issuer.url}/` }))).toContain("trusts");
    expect(stranger.asked).toEqual([]);
    await stranger.close();
  });

  it("is for another audience, of another subject, or has other claims", async () => {
    await rule({ claims: { environment: ["prod-*", "live"], actor: "*" } });
    const claims = { environment: "prod-eu", actor: "a" };
    expect((await exchange(gateway, await issuer.token(claims))).status).toBe(200);
    for (const [over, why] of [
      [{ aud: "https://github.com/acme" }, "audience"],
      [{ aud: ["turnpike.evil", "Turnpike"] }, "audience"],
      [{ sub: "repo:acme/shop2:ref:refs/heads/main" }, "subject"],
      [{ sub: "repo:acme/shop" }, "subject"],
      [{ sub: "xrepo:acme/shop:ref:refs/heads/main" }, "subject"],
      [{ sub: "REPO:ACME/SHOP:ref" }, "subject"],
      [{ environment: "nonprod-eu" }, "claims"],
      [{ environment: "live-2" }, "claims"],
      [{ environment: undefined }, "claims"],
      [{ environment: { "prod-eu": 1 } }, "claims"],
      [{ actor: null }, "claims"],
    ] as const) {
      expect(await refusal(await issuer.token({ ...claims, ...over })), JSON.stringify(over)).toContain(why);
    }
  });

  it("is of a repository that only begins like the one that is meant", async () => {
    await rule({ subjects: ["repo:acme/*"], claims: { repository: "acme/*" } });
    for (const name of ["acme-evil/shop", "acme", "evil/acme/shop", "Acme/shop"]) {
      expect(
        await refusal(await issuer.token({ sub: `repo:${name}:ref:refs/heads/main`, repository: name })),
      ).toContain("subject");
    }
    expect(await refusal(await issuer.token({ sub: "repo:acme/shop:x", repository: "acme-evil/shop" }))).toContain(
      "claims",
    );
    expect(
      (await exchange(gateway, await issuer.token({ sub: "repo:acme/shop:x", repository: "acme/shop" }))).status,
    ).toBe(200);
  });

  it("has expired, is not valid yet, comes from the future, or is too old", async () => {
    await rule({ max_token_age_seconds: 600 });
    const at = nowS();
    expect(await refusal(await issuer.token({ iat: at - 500, exp: at - 61 }))).toContain("expired");
    expect(await refusal(await issuer.token({ nbf: at + 120 }))).toContain("`nbf`");
    expect(await refusal(await issuer.token({ iat: at + 120 }))).toContain("future");
    expect(await refusal(await issuer.token({ iat: at - 700 }))).toContain("too long ago");
    for (const name of ["exp", "iat", "aud", "sub"]) {
      expect(await refusal(await issuer.token({ [name]: undefined }))).toContain(`\`${name}\` is missing`);
    }
    expect((await exchange(gateway, await issuer.token({ iat: at + 30, nbf: at + 30 }))).status).toBe(200);
  });

  it("is signed by nobody, or by what everybody has", async () => {
    await rule();
    const claims = { iss: issuer.url, sub: "repo:acme/shop:x", aud: "turnpike", iat: nowS(), exp: nowS() + 300 };
    expect(await refusal(new UnsecuredJWT(claims).encode())).toContain("no JWT");
    const [head, body] = [{ alg: "none", typ: "JWT" }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    expect(await refusal(`${head}.${body}.AAAA`)).toContain("public key");
    // The old confusion: the public key as the secret of an HMAC.
    const pem = createPublicKey({ key: issuer.jwks().keys[0] as JsonWebKey, format: "jwk" }).export({
      type: "spki",
      format: "pem",
    });
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: "key-1" })
      .sign(Buffer.from(pem as string));
    expect(await refusal(confused)).toContain("public key");
    const forged = [Buffer.from('{"alg":"RS256","kid":"key-1"}').toString("base64url"), body].join(".");
    expect(await refusal(`${forged}.${createHmac("sha256", pem).update(forged).digest("base64url")}`)).toContain(
      "signature",
    );
    const [first, , third] = (await issuer.token()).split(".");
    expect(
      await refusal(
        `${first}.${Buffer.from(JSON.stringify({ ...claims, sub: "repo:acme/shop:y" })).toString("base64url")}.${third}`,
      ),
    ).toContain("signature");
  });

  it("is no token, or too large a one", async () => {
    await rule();
    for (const text of [
      "x",
      "eyJ.e30.",
      "eyJhbGciOiJSUzI1NiJ9.bm9uc2Vuc2U.AAAA",
      gateway.key,
      "a.b.c",
      "eyJ".repeat(3),
    ]) {
      expect(await refusal(text)).toContain("no JWT");
    }
    expect(await refusal(await issuer.token({ groups: "g".repeat(13_000) }))).toContain("no JWT");
    expect(await refusal(await issuer.token({ groups: "g".repeat(40_000) }))).toContain("too large");
  });

  it("was used before, where the rule takes each once", async () => {
    await rule({ once: true });
    const token = await issuer.token();
    const answers = await Promise.all([1, 2, 3, 4].map(() => exchange(gateway, token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    expect(await refusal(token)).toContain("used before");
    expect(await refusal(await issuer.token({ jti: undefined }))).toContain("`jti`");
  });

  it("comes when so many keys of the rule live, until one is revoked", async () => {
    const id = await rule({ max_keys: 2 });
    const keys = await Promise.all([1, 2, 3, 4, 5].map(async () => exchange(gateway, await issuer.token())));
    expect(keys.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429]);
    expect((await admin(gateway, "GET", `/rules/${id}`)).body.live_keys).toBe(2);
    const given = keys.find(({ status }) => status === 200)?.body.access_token;
    await fetch(`${gateway.url}/v1/key/revoke`, { method: "POST", headers: { authorization: `Bearer ${given}` } });
    expect((await exchange(gateway, await issuer.token())).status).toBe(200);
  });

  it("comes in a request that is not RFC 8693's", async () => {
    await rule();
    const token = await issuer.token();
    expect(await refusal(token, { actor_token: "x" })).toContain("actor_token");
    expect(await refusal(token, { requested_token_type: "urn:ietf:params:oauth:token-type:saml2" })).toContain(
      "requested_token_type",
    );
    expect(await refusal(token, { subject_token: token })).toContain("more than once");
    const send = async (form: Record<string, string>, type = "application/x-www-form-urlencoded") =>
      (
        await answerOf(
          await fetch(`${gateway.url}/v1/token`, {
            method: "POST",
            headers: { "content-type": type },
            body: new URLSearchParams(form).toString(),
          }),
        )
      ).body.error;
    expect(await send({ ...exchangeForm, subject_token: token, grant_type: "password" })).toBe(
      "unsupported_grant_type",
    );
    expect(await send({ subject_token: token })).toBe("unsupported_grant_type");
    expect(await send({ ...exchangeForm, subject_token: token, subject_token_type: "urn:x" })).toBe("invalid_request");
    expect(await send({ ...exchangeForm })).toBe("invalid_request");
    expect(await send({ ...exchangeForm, subject_token: token }, "text/plain")).toBe("invalid_request");
    expect((await fetch(`${gateway.url}/v1/token?subject_token=${token}`)).status).toBe(405);
  });
});
