// Tokens as bearers: taken where a rule says so, verified once, counted with all other keys of the rule, and ended with it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { startIssuer, type TokenIssuer } from "../support/issuer.ts";
import { admin, answerOf, call, exchange, makeRule, trailOf } from "./setup.ts";

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
  const id = await makeRule(gateway, { issuer: issuer.url, direct: true, ...over });
  made.push(id);
  return id;
}
const codeOf = ({ status, body }: { status: number; body: Readonly<Record<string, unknown>> }) =>
  `${status} ${(body.error as { code?: string } | undefined)?.code ?? ""}`.trim();

describe("a token as a bearer", () => {
  it("calls models as the rule's key, is verified once, and is one key to all who look", async () => {
    const other = await startIssuer();
    const id = await rule({ issuer: other.url, keep_claims: ["actor"] });
    const token = await other.token({ actor: "ada" });
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(gateway, token)));
    expect(new Set(answers.map(codeOf))).toEqual(new Set(["200"]));
    await other.close();
    expect(codeOf(await call(gateway, token))).toBe("200");
    const own = await answerOf(await fetch(`${gateway.url}/v1/key`, { headers: { authorization: `Bearer ${token}` } }));
    expect(own.body).toMatchObject({
      customer: "acme",
      metadata: { rule: id, actor: "ada" },
    });
    expect((await admin(gateway, "GET", `/rules/${id}`)).body.live_keys).toBe(1);
    const told = (await trailOf(gateway)).filter(
      ({ action, target }) => action === "token.exchange" && target?.id === id,
    );
    expect(told).toMatchObject([{ outcome: "success", after: { direct: true } }]);
    expect(JSON.stringify(told)).not.toContain(token);
    const listed = await admin(gateway, "GET", `/keys?metadata.rule=${id}`);
    expect(JSON.stringify(listed.body)).not.toContain(token.slice(0, -4));
  });

  it("is refused where no rule takes it directly, and told why", async () => {
    await rule({ direct: false });
    const refused = await call(gateway, await issuer.token());
    expect(codeOf(refused)).toBe("401 invalid_api_key");
    expect(JSON.stringify(refused.body)).toContain("No rule of this gateway trusts");
    await rule({ name: "other", subjects: ["repo:acme/other:*"] });
    expect(JSON.stringify((await call(gateway, await issuer.token())).body)).toContain("subject");
    expect(codeOf(await call(gateway, "eyJhbGciOiJSUzI1NiJ9.bm9uc2Vuc2U.AAAA"))).toBe("401 invalid_api_key");
  });

  it("ends with the token", async () => {
    await rule();
    const soon = Math.floor(Date.now() / 1_000) + 5;
    const token = await issuer.token({ exp: soon });
    expect(codeOf(await call(gateway, token))).toBe("200");
    await expect
      .poll(async () => codeOf(await call(gateway, token)), { timeout: 15_000, interval: 200 })
      .toBe("401 key_expired");
  });

  it("can be revoked like any key, and is not taken again", async () => {
    await rule();
    const token = await issuer.token();
    expect(codeOf(await call(gateway, token))).toBe("200");
    await fetch(`${gateway.url}/v1/key/revoke`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
    expect(codeOf(await call(gateway, token))).toBe("401 invalid_api_key");
    expect(codeOf(await call(gateway, await issuer.token()))).toBe("200");
  });
});

describe("a rule", () => {
  const keys = async () => {
    const { body } = await exchange(gateway, await issuer.token());
    return [String(body.access_token), await issuer.token()] as const;
  };

  it("is in force at once when it is changed, for keys that it has given too", async () => {
    const id = await rule();
    const given = await keys();
    for (const key of given) expect(codeOf(await call(gateway, key))).toBe("200");
    await admin(gateway, "PATCH", `/rules/${id}`, { policy: { models_deny: ["sandbox/*"] } });
    for (const key of given) expect(codeOf(await call(gateway, key))).toBe("403 model_not_allowed");
    await admin(gateway, "PATCH", `/rules/${id}`, { policy: {}, status: "suspended" });
    for (const key of given) expect(codeOf(await call(gateway, key))).toBe("403 key_suspended");
    expect((await exchange(gateway, await issuer.token())).status).toBe(400);
    await admin(gateway, "PATCH", `/rules/${id}`, { status: "active", audiences: ["another"] });
    for (const key of given) expect(codeOf(await call(gateway, key))).toBe("200");
    expect((await exchange(gateway, await issuer.token())).body.error_description).toContain("audience");
  });

  it("ends its keys when it is removed, or lets them live under what it said", async () => {
    const first = await rule();
    const revoked = await keys();
    for (const key of revoked) expect(codeOf(await call(gateway, key))).toBe("200");
    await admin(gateway, "DELETE", `/rules/${first}`);
    for (const key of revoked) expect(codeOf(await call(gateway, key))).toBe("401 invalid_api_key");
    const second = await rule({ policy: { endpoints: ["chat"] } });
    const left = await keys();
    for (const key of left) expect(codeOf(await call(gateway, key))).toBe("200");
    await admin(gateway, "DELETE", `/rules/${second}?revoke_keys=false`);
    for (const key of left) {
      expect(codeOf(await call(gateway, key))).toBe("200");
      const embedded = await fetch(`${gateway.url}/v1/embeddings`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "sandbox/embed", input: "x" }),
      });
      expect(embedded.status).toBe(403);
    }
    expect((await admin(gateway, "GET", `/rules/${second}`)).status).toBe(404);
  });

  it("holds all of its keys to one limit together", async () => {
    await rule({ policy: { limits: [{ requests: 3, per: "hour" }] } });
    const given = [...(await keys()), ...(await keys())];
    const answers = [];
    for (const key of given) answers.push(codeOf(await call(gateway, key)));
    expect(answers).toEqual(["200", "200", "200", "429 rate_limit_exceeded"]);
  });

  it("counts what its keys have spent, over a restart too", async () => {
    const own = await startGateway({ env: { TURNPIKE_SANDBOX: "on", TURNPIKE_LOG_LEVEL: "silent" } });
    await admin(own, "POST", "/models", { id: "sandbox/echo", prices: { input: 1_000, output: 1_000 } });
    const id = await makeRule(own, { issuer: issuer.url, policy: { budget: { usd: "1000", per: "month" } } });
    const key = async (gate: Gateway) => String((await exchange(gate, await issuer.token())).body.access_token);
    const spentBy = async (gate: Gateway, secret: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${secret}` };
      const { body } = await answerOf(await fetch(`${gate.url}/v1/key`, { headers }));
      expect(body).toMatchObject({ budgets: [{ of: "rule", usd: "1000" }], metadata: { rule: id } });
      return (body.budgets as { spent_usd: string }[])[0]?.spent_usd;
    };
    for (let nth = 0; nth < 3; nth++) expect(codeOf(await call(own, await key(own)))).toBe("200");
    const spent = await spentBy(own, await key(own));
    expect(Number(spent)).toBeGreaterThan(0.01);
    const again = await own.restart();
    expect(await spentBy(again, await key(again))).toBe(spent);
    await again.close();
  });
});
