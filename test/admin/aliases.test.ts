// Aliases over the admin surface, on real sockets.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FirstStart } from "../../src/bootstrap.ts";
import { type Running, start } from "../../src/node.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

/** A rule as JSON has it. */
const rule = (when: object, route: unknown) => Object.fromEntries([["when", when] as const, ["then", route] as const]);

const smart = {
  name: "smart",
  targets: ["anthropic/claude-sonnet-4-5", { model: "openai/gpt-5", weight: 3 }],
  strategy: "weighted",
  sticky: "user",
  fallbacks: ["auto:high"],
  preferences: {
    only: ["openai", "anthropic"],
    ignore: [],
    quantizations: [],
    data_collection: "deny",
    zdr: true,
    max_price: { prompt: 3, completion: 15.5 },
  },
  rules: [
    rule(
      {
        input_tokens: { above: 100_000 },
        tools: true,
        json_schema: false,
        metadata: { tier: "gold*" },
        key_metadata: { team: "*" },
        customers: ["acme"],
        projects: ["shop*"],
        operations: ["chat"],
      },
      { targets: ["google/gemini-2.5-pro"], strategy: { price: 0.7, latency: 0.3 }, sticky: null, preferences: null },
    ),
  ],
};

describe("/admin/v1/aliases", () => {
  let server: AdminServer;
  beforeAll(async () => {
    server = await startAdmin();
  });
  afterAll(() => server.close());
  const post = (body: unknown, headers?: Record<string, string>) => server.request("POST", "/aliases", body, headers);

  it("declares an alias, in force at once, and shows it as it was written", async () => {
    const response = await post(smart);
    expect(response.status).toBe(201);
    const made = await response.json();
    expect(made).toMatchObject({
      ...smart,
      rules: [
        rule(smart.rules[0]?.when ?? {}, {
          targets: ["google/gemini-2.5-pro"],
          strategy: { price: 0.7, latency: 0.3, throughput: 0, time: 0 },
        }),
      ],
      object: "alias",
      source: "database",
      created_at: "2026-11-24T12:00:00.000Z",
      updated_at: "2026-11-24T12:00:00.000Z",
    });
    expect(server.aliases.get("smart")).toEqual({
      name: "smart",
      targets: [
        { model: "anthropic/claude-sonnet-4-5", weight: 1 },
        { model: "openai/gpt-5", weight: 3 },
      ],
      strategy: "weighted",
      sticky: "user",
      fallbacks: ["auto:high"],
      preferences: {
        only: ["openai", "anthropic"],
        ignore: [],
        quantizations: null,
        denyDataCollection: true,
        zeroDataRetention: true,
        maxPrice: { prompt: 3, completion: 15.5 },
      },
      rules: [
        {
          when: {
            inputTokens: { above: 100_000 },
            tools: true,
            jsonSchema: false,
            metadata: { tier: "gold*" },
            keyMetadata: { team: "*" },
            customers: ["acme"],
            projects: ["shop*"],
            operations: ["chat"],
          },
          route: {
            targets: [{ model: "google/gemini-2.5-pro", weight: 1 }],
            strategy: { price: 0.7, latency: 0.3, throughput: 0, time: 0 },
            sticky: null,
            fallbacks: ["auto:high"],
            preferences: null,
          },
        },
      ],
    });
    expect(await (await server.request("GET", "/aliases/smart")).json()).toEqual(made);
    const list = await (await server.request("GET", "/aliases")).json();
    expect(list).toEqual({ object: "list", data: [made], has_more: false, next_cursor: null });
  });

  it("gives the route of a rule what it does not say itself from the alias", async () => {
    await post({ ...smart, name: "inherits", rules: [rule({ images: true }, "openai/gpt-5-mini")] });
    const made = server.aliases.get("inherits");
    expect(made?.strategy).toBe("weighted");
    expect({ name: made?.name, ...made?.rules[0]?.route, rules: made?.rules }).toEqual({
      ...made,
      targets: [{ model: "openai/gpt-5-mini", weight: 1 }],
    });
  });

  it("replaces an alias as a whole, may shadow a bare name, and takes names with slashes", async () => {
    await post({ name: "gpt-5-mini", targets: ["openai/gpt-5-mini"], fallbacks: ["auto"] });
    await post({ name: "gpt-5-mini", targets: ["groq/anything-new"] });
    expect(server.aliases.get("gpt-5-mini")).toMatchObject({
      targets: [{ model: "groq/anything-new" }],
      fallbacks: [],
    });
    await post({ name: "acme/gpt-5-mini", targets: ["gpt-5-mini"] });
    for (const name of ["acme/gpt-5-mini", encodeURIComponent("acme/gpt-5-mini")]) {
      expect(await (await server.request("GET", `/aliases/${name}`)).json()).toMatchObject({ name: "acme/gpt-5-mini" });
    }
    // A model has the same bare name: the other alias leads there without this one.
    expect((await server.request("DELETE", "/aliases/gpt-5-mini")).status).toBe(200);
    expect(await (await server.request("DELETE", "/aliases/acme/gpt-5-mini")).json()).toEqual({
      name: "acme/gpt-5-mini",
      object: "alias",
      deleted: true,
    });
    expect(server.aliases.get("acme/gpt-5-mini")).toBeUndefined();
    expect(await errorOf(await server.request("DELETE", "/aliases/acme/gpt-5-mini"))).toMatchObject({ status: 404 });
    expect(await errorOf(await server.request("GET", "/aliases/acme/gpt-5-mini"))).toMatchObject({ status: 404 });
  });

  it("keeps an alias that others lead to", async () => {
    await post({ name: "inner", targets: ["openai/gpt-5"] });
    await post({ name: "outer", targets: ["openai/gpt-5"], rules: [rule({ stream: true }, "inner:floor")] });
    expect(await errorOf(await server.request("DELETE", "/aliases/inner"))).toMatchObject({
      status: 409,
      code: "conflict",
      message: "The alias `outer` leads to this one. Change it first.",
    });
    expect((await server.request("DELETE", "/aliases/outer")).status).toBe(200);
    expect((await server.request("DELETE", "/aliases/inner")).status).toBe(200);
  });

  it("refuses aliases that lead back to themselves, or too far", async () => {
    await post({ name: "a1", targets: ["openai/gpt-5"] });
    for (const at of [2, 3, 4, 5]) expect((await post({ name: `a${at}`, targets: [`a${at - 1}`] })).status).toBe(201);
    expect(await errorOf(await post({ name: "a6", targets: ["a5"] }))).toMatchObject({
      status: 400,
      param: "targets",
      message: expect.stringContaining("at most 5 aliases may lead one to another: `a6` → `a5`"),
    });
    expect(await errorOf(await post({ name: "a1", targets: ["a3"] }))).toMatchObject({
      status: 400,
      message: expect.stringContaining("an alias can't lead back to itself: "),
    });
    expect(server.aliases.get("a1")?.targets).toEqual([{ model: "openai/gpt-5", weight: 1 }]);
  });

  it("answers a repetition as it answered the first request, and does it once", async () => {
    const headers = { "idempotency-key": "alias-1" };
    const body = { name: "once", targets: ["auto"] };
    const first = await (await post(body, headers)).json();
    await server.request("DELETE", "/aliases/once");
    const second = await post(body, headers);
    expect([second.headers.get("idempotent-replayed"), await second.json()]).toEqual(["true", first]);
    expect(server.aliases.get("once")).toBeUndefined();
  });

  it.each<[string, object]>([
    ["name", { name: "" }],
    ["name", { name: "two words" }],
    ["name", { name: "zero\u200bwidth" }],
    ["name", { name: "x".repeat(129) }],
    ["name", { name: "cheap:floor" }],
    ["name", { name: "fast:nitro" }],
    ["name", { name: "openai/gpt-5" }],
    ["name", { name: "groq/anything" }],
    ["targets", { targets: undefined }],
    ["targets", { targets: [] }],
    ["targets", { targets: "openai/gpt-5" }],
    ["targets.0", { targets: [3] }],
    ["targets.1", { targets: ["openai/gpt-5", "gpt-99"] }],
    ["targets.0.weight", { targets: [{ model: "openai/gpt-5", weight: 0 }] }],
    ["targets.0.weight", { targets: [{ model: "openai/gpt-5", weight: -1 }] }],
    ["targets.0.wieght", { targets: [{ model: "openai/gpt-5", wieght: 1 }] }],
    ["strategy", { strategy: "best" }],
    ["strategy", { strategy: { price: 0 } }],
    ["strategy.speed", { strategy: { speed: 1 } }],
    ["sticky", { sticky: "key", strategy: "weighted" }],
    ["sticky", { sticky: "user" }],
    ["fallbacks.0", { fallbacks: ["nobody/nothing"] }],
    ["preferences.zdr", { preferences: { zdr: "yes" } }],
    ["preferences.order", { preferences: { order: [] } }],
    ["preferences.max_price.prompt", { preferences: { max_price: { prompt: -1 } } }],
    ["rules.0.when", { rules: [rule({}, "openai/gpt-5")] }],
    ["rules.0.when.tool", { rules: [rule({ tool: true }, "openai/gpt-5")] }],
    ["rules.0.when.input_tokens", { rules: [rule({ input_tokens: {} }, "openai/gpt-5")] }],
    ["rules.0.when.operations.0", { rules: [rule({ operations: ["dance"] }, "openai/gpt-5")] }],
    ["rules.0.then.targets.0", { rules: [rule({ tools: true }, "gpt-99")] }],
    ["rules.0.then.sticky", { rules: [rule({ tools: true }, { targets: ["auto"], sticky: "user" })] }],
    ["rules.0.then.rules", { rules: [rule({ tools: true }, { targets: ["auto"], rules: [] })] }],
    ["colour", { colour: "red" }],
  ])("refuses a wrong %s: %j", async (param, wrong) => {
    const error = await errorOf(await post({ name: "wrong", targets: ["openai/gpt-5"], ...wrong }));
    expect(error).toMatchObject({ status: 400, code: "invalid_request", param });
    expect(server.aliases.get("wrong")).toBeUndefined();
  });

  it("takes no other method and no key but an administrator's", async () => {
    const put = await server.request("PUT", "/aliases/smart", {});
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, DELETE"]);
    expect((await fetch(`${server.url}/admin/v1/aliases`)).status).toBe(401);
    expect(server.errors).toEqual([]);
  });

  it("is documented", async () => {
    const document = (await (await server.request("GET", "/openapi.json")).json()) as {
      paths: Record<string, object>;
      components: { schemas: Record<string, { required?: string[] }> };
    };
    expect(Object.keys(document.paths["/admin/v1/aliases"] ?? {}).sort()).toEqual(["get", "post"]);
    expect(Object.keys(document.paths["/admin/v1/aliases/{name}"] ?? {}).sort()).toEqual(["delete", "get"]);
    expect(document.components.schemas.AliasRequest?.required).toEqual(["name", "targets"]);
  });
});

describe("aliases in a gateway", () => {
  let folder: string;
  let settings: Record<string, string>;
  let running: Running;
  let keys: FirstStart;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-"));
    const file = join(folder, "turnpike.yaml");
    writeFileSync(file, "aliases:\n  tame: sandbox/echo\n  smart: [sandbox/chat, sandbox/echo]\n");
    settings = {
      PORT: "0",
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_LOG_LEVEL: "error",
      TURNPIKE_CONFIG: file,
    };
    running = await start(settings);
    if (running.first === null) throw new Error("a fresh gateway must print its first keys");
    keys = running.first;
  });
  afterAll(async () => {
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The model that serves a call of this name, or the code of its error. */
  const served = async (model: string) => {
    const answer = await fetch(`${running.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys.customerKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
    });
    return answer.headers.get("x-turnpike-model") ?? ((await answer.json()) as { error: { code: string } }).error.code;
  };
  const admin = (method: string, path = "", body?: unknown) =>
    fetch(`${running.url}/admin/v1/aliases${path}`, {
      method,
      headers: { authorization: `Bearer ${keys.adminKey}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  it("are called by their names; those of the database go before the file's, at once and after a restart", async () => {
    const seen = [await served("tame"), await served("smart"), await served("wild")];
    await admin("POST", "", { name: "wild", targets: ["sandbox/chat"] });
    await admin("POST", "", { name: "tame", targets: ["wild"] });
    seen.push(await served("tame"), await served("wild"));
    await running.close();
    running = await start(settings);
    seen.push(await served("tame"));
    const listed = (await (await admin("GET")).json()) as { data: { name: string; source: string }[] };
    await admin("DELETE", "/tame");
    seen.push(await served("tame"));
    expect(seen).toEqual(["echo", "chat", "model_not_found", "chat", "chat", "chat", "echo"]);
    expect(listed.data.map(({ name, source }) => [name, source])).toEqual([
      ["smart", "file"],
      ["tame", "database"],
      ["wild", "database"],
    ]);
    expect(await errorOf(await admin("DELETE", "/tame"))).toMatchObject({ status: 409, code: "conflict" });
  });

  it("that another process changes are in force within seconds", async () => {
    const elsewhere = await openSqlite(join(folder, "turnpike.db"));
    await elsewhere.aliases.put("late", { targets: ["sandbox/echo"] }, 0);
    await expect.poll(() => served("late"), { timeout: 8_000 }).toBe("echo");
    await elsewhere.aliases.remove("late");
    await expect.poll(() => served("late"), { timeout: 8_000 }).toBe("model_not_found");
    await elsewhere.close();
  });

  it("that can't be used any more are left out, and the others stay", async () => {
    const elsewhere = await openSqlite(join(folder, "turnpike.db"));
    await elsewhere.aliases.put("odd", { targets: ["sandbox/echo"], since: "a later version" }, 0);
    await elsewhere.aliases.put("round", { targets: ["around"] }, 0);
    await elsewhere.aliases.put("around", { targets: ["round"] }, 0);
    await elsewhere.aliases.put("sound", { targets: ["sandbox/echo"] }, 0);
    await elsewhere.close();
    await expect.poll(() => served("sound"), { timeout: 8_000 }).toBe("echo");
    const others = await Promise.all(["odd", "round", "around", "tame"].map(served));
    expect(others).toEqual(["model_not_found", "model_not_found", "model_not_found", "echo"]);
  });
});
