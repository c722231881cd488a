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
