// Which providers an environment connects, and with what.
import { describe, expect, test } from "vitest";
import { bearer, defineProvider, variable } from "../../providers/define.ts";
import { openaiChat } from "../../providers/dialects/openai-chat/index.ts";
import { connectionsFromEnvironment } from "../../src/vault/credentials.ts";

const simple = defineProvider({
  id: "simple",
  name: "Simple",
  dialect: openaiChat(),
  baseUrl: "https://simple.example",
  auth: bearer("SIMPLE_KEY", "SIMPLE_OLD_KEY"),
});

const composed = defineProvider({
  id: "composed",
  name: "Composed",
  dialect: openaiChat(),
  baseUrl: "https://anywhere.example",
  baseUrlFrom: (env) => {
    const region = variable(env, "COMPOSED_REGION");
    return region === null ? null : `https://${region}.example`;
  },
  auth: {
    env: ["COMPOSED_ID", "COMPOSED_SECRET"],
    fromEnv: (env) => {
      const id = variable(env, "COMPOSED_ID");
      const secret = variable(env, "COMPOSED_SECRET");
      return id === null || secret === null ? null : `${id}:${secret}`;
    },
    authorize: (request) => request,
  },
});

function connect(env: Record<string, string>) {
  const connections = connectionsFromEnvironment([simple, composed], env, { sandbox: "off" });
  return [...connections.values()].map(({ provider, secret, baseUrl }) => ({
    id: provider.id,
    secret: secret?.reveal(),
    baseUrl,
  }));
}

describe("credentials from the environment", () => {
  test("are the first variable of a provider that is set", () => {
    expect(connect({ SIMPLE_KEY: "  ", SIMPLE_OLD_KEY: " old " })).toEqual([
      { id: "simple", secret: "old", baseUrl: "https://simple.example" },
    ]);
    expect(connect({})).toEqual([]);
  });

  test("are made of several variables where a provider says how, and of all of them or none", () => {
    expect(connect({ COMPOSED_ID: "a", COMPOSED_SECRET: "b" })).toEqual([
      { id: "composed", secret: "a:b", baseUrl: "https://anywhere.example" },
    ]);
    expect(connect({ COMPOSED_ID: "a" })).toEqual([]);
  });

  test("come with the base URL that the environment's region names, unless it is overridden", () => {
    const env = { COMPOSED_ID: "a", COMPOSED_SECRET: "b", COMPOSED_REGION: "north" };
    expect(connect(env)[0]?.baseUrl).toBe("https://north.example");
    expect(connect({ ...env, COMPOSED_BASE_URL: "http://localhost:9/" })[0]?.baseUrl).toBe("http://localhost:9");
  });

  test("are refused with a base URL that is no web address", () => {
    expect(() => connect({ SIMPLE_KEY: "k", SIMPLE_BASE_URL: "ftp://x" })).toThrow("SIMPLE_BASE_URL");
  });
});

const host = defineProvider({
  id: "host",
  name: "Host",
  dialect: openaiChat(),
  baseUrl: "https://{HOST_NAME}/accounts/{HOST_ACCOUNT}/v1",
  auth: bearer("HOST_KEY"),
});

const own = defineProvider({
  id: "own",
  name: "Own",
  dialect: openaiChat(),
  baseUrl: "http://127.0.0.1:1/v1",
  auth: bearer("OWN_KEY"),
  selfHosted: true,
});

function connectOf(env: Record<string, string>) {
  const connections = connectionsFromEnvironment([host, own], env, { sandbox: "off" });
  return [...connections.values()].map(({ provider, secret, baseUrl }) => [provider.id, secret?.reveal(), baseUrl]);
}

describe("a base URL with places for variables", () => {
  test("is filled from the environment, a host with or without its scheme", () => {
    const env = { HOST_KEY: "k", HOST_ACCOUNT: "a1" };
    const url = "https://h.example/accounts/a1/v1";
    expect(connectOf({ ...env, HOST_NAME: "h.example" })).toEqual([["host", "k", url]]);
    expect(connectOf({ ...env, HOST_NAME: "https://h.example/" })).toEqual([["host", "k", url]]);
  });

  test("connects nothing while a variable is missing, unless the base URL is given whole", () => {
    expect(connectOf({ HOST_KEY: "k", HOST_NAME: "h.example" })).toEqual([]);
    expect(connectOf({ HOST_KEY: "k", HOST_BASE_URL: "https://other.example/v1" })).toEqual([
      ["host", "k", "https://other.example/v1"],
    ]);
  });
});

describe("a server of the operator's own", () => {
  test("is connected by its base URL alone, without a key", () => {
    expect(connectOf({ OWN_BASE_URL: "http://10.0.0.1:8000/v1" })).toEqual([
      ["own", undefined, "http://10.0.0.1:8000/v1"],
    ]);
  });

  test("is sent a key where there is one, and is not connected by a key alone", () => {
    expect(connectOf({ OWN_BASE_URL: "http://10.0.0.1/v1", OWN_KEY: "k" })).toEqual([
      ["own", "k", "http://10.0.0.1/v1"],
    ]);
    expect(connectOf({ OWN_KEY: "k" })).toEqual([]);
  });
});

describe("a server that the environment describes", () => {
  const name = "TURNPIKE_PROVIDER_OUR_GPU";

  test("is called by its name in lower case, with its key or without one", () => {
    expect(connectOf({ [`${name}_BASE_URL`]: "https://gpu.example/v1/" })).toEqual([
      ["our-gpu", undefined, "https://gpu.example/v1"],
    ]);
    expect(connectOf({ [`${name}_BASE_URL`]: "https://gpu.example/v1", [`${name}_API_KEY`]: " k " })).toEqual([
      ["our-gpu", "k", "https://gpu.example/v1"],
    ]);
  });

  test.each([
    [{ [`${name}_API_KEY`]: "k" }, `set ${name}_BASE_URL too`],
    [{ [`${name}_BASE_URL`]: "gpu.example" }, "expected an http:// or https:// URL"],
    [{ TURNPIKE_PROVIDER_OWN_BASE_URL: "https://x.example" }, "set OWN_BASE_URL to reach it elsewhere"],
    [{ TURNPIKE_PROVIDER_our_BASE_URL: "https://x.example" }, "capital letters"],
    [{ TURNPIKE_PROVIDER__BASE_URL: "https://x.example" }, "capital letters"],
  ])("is refused when it is described wrongly: %j", (env, words) => {
    expect(() => connectOf(env)).toThrow(words);
  });
});
