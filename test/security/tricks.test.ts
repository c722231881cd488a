// Tricks on policies, over sockets: names that look like others, members that objects have by themselves, addresses that a client claims.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { always, answer, at } from "../support/plain-answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;
let behindProxy: Gateway;

beforeAll(async () => {
  replay = await startReplay();
  replay.script(answer, { match: at("alpha"), ...always });
  const env = { TURNPIKE_LOG_LEVEL: "silent", TURNPIKE_PROVIDER_ALPHA_BASE_URL: `${replay.url}/alpha` };
  gateway = await startGateway({ env });
  behindProxy = await startGateway({ env: { ...env, TURNPIKE_TRUSTED_PROXIES: "127.0.0.1,::1,10.0.0.0/8" } });
});
afterAll(async () => {
  await gateway.close();
  await behindProxy.close();
  await replay.close();
});

async function keyWith(policy: unknown, on = gateway): Promise<string> {
  const { status, body } = await post(
    on,
    on.adminKey,
    "/admin/v1/keys",
    JSON.stringify({ name: "n", customer: "c", policy }),
  );
  expect(status).toBe(201);
  return String(body.key);
}

async function post(on: Gateway, key: string, path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${on.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body,
  });
  const parsed = (await response.json()) as Record<string, unknown> & { error?: { code: string } };
  return { status: response.status, body: parsed, code: parsed.error?.code ?? null };
}

const chat = (model: string, more: object = {}) =>
  JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...more });
const sent = () => replay.requests.map(({ body }) => (JSON.parse(body) as { model: string }).model);

/** Ways to write `alpha/secret` that are not it, or only look so. */
const disguises = [
  "ALPHA/SECRET",
  "Alpha/Secret",
  "alpha/ｓecret",
  "ａｌｐｈａ/secret",
  "alpha／secret",
  "alpha/s\u0435cret",
  "alpha/secre\u0301t",
  "alpha/secret\u0000",
  "alpha/\u0000secret",
  "alpha/sec\u200bret",
  "alpha/sec\u00adret",
  "\ufeffalpha/secret",
  "alpha/secret\u202e",
  "alpha/secret ",
  " alpha/secret",
  "alpha/secret\n",
  "alpha%2Fsecret",
  "alpha/%73ecret",
  "alpha//secret",
  "alpha/./secret",
  "alpha/x/../secret",
  "alpha\\secret",
  "alpha/ſecret",
  "alpha/secret:floor",
  "alpha/secret:nitro",
  "alpha/secret?x=1",
  "__proto__",
  "constructor",
  "alpha/__proto__",
];
/** What a provider may take a name for that it does not read to the letter. */
const readLoosely = (name: string) =>
  name
    .normalize("NFKC")
    .replace(/[\p{C}\p{M}]/gu, "")
    .trim()
    .toLowerCase()
    .replaceAll("ſ", "s");

describe("a model's name in disguise", () => {
  test("is not let in by a pattern that allows another name", async () => {
    const key = await keyWith({ models: ["alpha/allowed"] });
    const before = sent().length;
    for (const model of disguises) {
      const { status } = await post(gateway, key, "/v1/chat/completions", chat(model));
      expect(status, JSON.stringify(model)).toBeGreaterThanOrEqual(400);
      expect(status, JSON.stringify(model)).toBeLessThan(500);
    }
    expect(sent().slice(before)).toEqual([]);
  });

  test("does not get past a pattern that forbids it: nothing is sent that could be read as the forbidden name", async () => {
    const key = await keyWith({ models_deny: ["alpha/secret*"] });
    const before = sent().length;
    for (const model of [...disguises, "alpha/secret"]) await post(gateway, key, "/v1/chat/completions", chat(model));
    for (const model of disguises)
      await post(gateway, key, "/v1/chat/completions", chat("alpha/secret", { models: [model] }));
    expect(
      sent()
        .slice(before)
        .filter((model) => readLoosely(model).startsWith("secret")),
    ).toEqual([]);
  });

  test("in a path is one name, whatever its slashes are written as", async () => {
    const key = await keyWith({ models: ["alpha/allowed"] });
    const body = JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Hello" }] }] });
    const codes = [];
    for (const path of [
      "alpha/secret",
      "alpha%2Fsecret",
      "alpha%2fsecret",
      "alpha%252Fsecret",
      "alpha/allowed%2F..%2Fsecret",
      "alpha/allowed%00",
      "models/alpha/secret",
    ]) {
      codes.push((await post(gateway, key, `/v1beta/models/${path}:generateContent`, body)).status);
    }
    for (const status of codes) expect([400, 403, 404]).toContain(status);
    expect((await post(gateway, key, "/v1beta/models/alpha%2Fallowed:generateContent", body)).status).toBe(200);
  });
});

describe("a model's name in an upstream's path", () => {
  test.each([
    ["GOOGLE", { GEMINI_API_KEY: "g-key" }, "google"],
    ["AMAZON_BEDROCK", { AWS_BEARER_TOKEN_BEDROCK: "b-key" }, "amazon-bedrock"],
    ["REPLICATE", { REPLICATE_API_TOKEN: "r-key" }, "replicate"],
  ])("leads to no other path: %s", async (name, env, provider) => {
    const own = await startGateway({
      env: { TURNPIKE_LOG_LEVEL: "silent", [`${name}_BASE_URL`]: `${replay.url}/${provider}/models`, ...env },
    });
    const before = replay.requests.length;
    for (const model of [
      "../secret",
      "..",
      "a/..",
      "..:floor",
      "a/../../secret",
      "a/../../../x",
      "..%2Fsecret",
      "%2e%2e/secret",
      "a?x=",
      "a#x",
      "a\\..\\b",
    ]) {
      await post(own, own.key, "/v1/chat/completions", chat(`${provider}/${model}`));
    }
    await post(own, own.key, "/v1/chat/completions", chat(`${provider}/fine`));
    const paths = replay.requests.slice(before).map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) {
      const { pathname, search } = new URL(`http://upstream${path}`);
      expect(pathname.startsWith(`/${provider}/model`), path).toBe(true);
      expect(search, path).not.toContain("x=");
    }
    await own.close();
  });
});

describe("members that every object has", () => {
  test("are no members of a policy", async () => {
    for (const policy of [
      '{"__proto__":{"models":["*"]}}',
      '{"constructor":{"prototype":{"models":["*"]}}}',
      '{"models":["alpha/x"],"toString":1}',
      '{"limits":[{"requests":1,"per":"__proto__"}]}',
      '{"budget":{"usd":"1","per":"constructor"}}',
      '{"hours":{"time_zone":"__proto__"}}',
    ]) {
      const { status } = await post(
        gateway,
        gateway.adminKey,
        "/admin/v1/keys",
        `{"name":"n","customer":"c","policy":${policy}}`,
      );
      expect(status, policy).toBe(400);
    }
    expect(({} as { models?: unknown }).models).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test("in metadata are kept as they are, or left out, and pollute nothing", async () => {
    const raw = '{"name":"n","customer":"c","metadata":{"__proto__":"x","constructor":"y","toString":"z"}}';
    const { status } = await post(gateway, gateway.adminKey, "/admin/v1/keys", raw);
    expect([201, 400]).toContain(status);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { x?: unknown }).constructor).toBe(Object);
  });

  test("are not there because an object has them: required metadata must be said", async () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      const key = await keyWith({ required_metadata: [name] });
      expect((await post(gateway, key, "/v1/chat/completions", chat("alpha/m"))).code).toBe("missing_metadata");
      expect((await post(gateway, key, "/v1/chat/completions", chat("alpha/m", { metadata: {} }))).code).toBe(
        "missing_metadata",
      );
    }
    const key = await keyWith({ required_metadata: ["constructor"] });
    expect(
      (await post(gateway, key, "/v1/chat/completions", chat("alpha/m", { metadata: { constructor: "said" } }))).status,
    ).toBe(200);
  });

  test("do no harm in a call's body", async () => {
    const key = await keyWith({ models: ["alpha/m"] });
    for (const body of [
      '{"__proto__":{"model":"alpha/secret"},"model":"alpha/m","messages":[{"role":"user","content":"x"}]}',
      '{"model":"alpha/m","model":"alpha/secret","messages":[{"role":"user","content":"x"}]}',
      '{"model":"alpha/m","mod\\u0065l":"alpha/secret","messages":[{"role":"user","content":"x"}]}',
      '{"model":"alpha/m","provider":{"__proto__":{"only":["beta"]},"constructor":1},"messages":[{"role":"user","content":"x"}]}',
    ]) {
      const before = sent().length;
      await post(gateway, key, "/v1/chat/completions", body);
      expect(
        sent()
          .slice(before)
          .filter((model) => model !== "m"),
        body,
      ).toEqual([]);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe("an address that a client claims", () => {
  const allowed = { ip_allow: ["203.0.113.0/24", "2001:db8::/64"] };
  const claims = ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip", "x-client-ip"];

  test("is not believed where nobody's word is", async () => {
    const key = await keyWith(allowed);
    for (const name of claims) {
      const value = name === "forwarded" ? "for=203.0.113.7" : "203.0.113.7";
      expect((await post(gateway, key, "/v1/chat/completions", chat("alpha/m"), { [name]: value })).code, name).toBe(
        "ip_not_allowed",
      );
    }
  });

  test.each([
    ["203.0.113.7", 200],
    ["203.0.113.7:4711", 200],
    ["::ffff:203.0.113.7", 200],
    ["[2001:db8::1]:443", 200],
    ["198.51.100.9, 203.0.113.7", 200],
    ["203.0.113.7, 10.1.2.3", 200],
    ["203.0.113.7, 198.51.100.9", 403],
    ["203.0.113.7, 198.51.100.9, 10.1.2.3", 403],
    ["2001:db8:0:1::1", 403],
    ["203.0.114.0", 403],
    ["203.0.113.7, unknown", 403],
    ["203.0.113.256", 403],
    ["0313.0.0161.7", 403],
    ["203.0.113.7, ", 403],
    ["", 403],
  ])("through trusted proxies is believed from the end: %j is %i", async (claim, expected) => {
    const key = await keyWith(allowed, behindProxy);
    const { status } = await post(behindProxy, key, "/v1/chat/completions", chat("alpha/m"), {
      "x-forwarded-for": claim,
    });
    expect(status).toBe(expected);
  });
});
