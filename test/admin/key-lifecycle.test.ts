// What happens to a key after it was made: changed, suspended, rotated, removed, alone and together with others.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateKey } from "../../src/keys/format.ts";
import { lookForQuietOverlaps } from "../../src/keys/quiet-overlaps.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

let server: AdminServer;
beforeAll(async () => {
  server = await startAdmin();
});
afterAll(() => server.close());

type Json = Record<string, unknown>;
interface Made extends Json {
  readonly id: string;
  readonly key: string;
}

async function told<T = Json>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await server.request(method, path, body);
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
const make = (more: Json = {}) => told<Made>("POST", "/keys", { name: "n", customer: "acme", ...more });
const error = async (method: string, path: string, body?: unknown) => errorOf(await server.request(method, path, body));
const lookup = async (secret: string) => server.ring.lookup(secret);
const hours = (count: number) => server.clock.advance(count * 3_600_000);

describe("a key", () => {
  it("is changed in what is given and in nothing else, at once", async () => {
    const { id, key } = await make({ metadata: { team: "a" }, policy: { models: ["openai/*"] } });
    await lookup(key);
    const changed = await told("PATCH", `/keys/${id}`, {
      policy: { max_output_tokens: 9 },
      idle_days: 3,
      name: "other",
    });
    expect(changed).toMatchObject({
      name: "other",
      policy: { max_output_tokens: 9 },
      idle_days: 3,
      metadata: { team: "a" },
    });
    expect((await lookup(key))?.key.policy).toEqual({ max_output_tokens: 9 });
    expect(
      await told("PATCH", `/keys/${id}`, { idle_days: null, rotation: { every_days: 7, quiet_hours: 2 } }),
    ).toMatchObject({
      idle_days: null,
      rotation: { every_days: 7, overlap_hours: 24, quiet_hours: 2 },
    });
    expect(await told("PATCH", `/keys/${id}`, {})).toMatchObject({ name: "other", rotation: { every_days: 7 } });
  });

  it.each([
    ["status", { status: "active" }],
    ["customer", { customer: "other" }],
    ["expires_at", { expires_at: "2020-01-01T00:00:00Z" }],
    ["policy.models", { policy: { models: "openai/*" } }],
    ["policy.modles", { policy: { modles: [] } }],
    ["policy.constructor", { policy: { constructor: { prototype: { zdr: true } } } }],
    ["__proto__", '{"policy":{"__proto__":{"zdr":true}}}'],
    ["policy.endpoints_deny.0", { policy: { endpoints_deny: ["chats"] } }],
    ["policy.origins.0", { policy: { origins: ["https://shop.example/cart"] } }],
    ["policy.origins.0", { policy: { origins: ["shop.example"] } }],
    ["policy.limits.0.constructor", { policy: { limits: [{ requests: 1, per: "day", constructor: 1 }] } }],
    ["rotation.every_days", { rotation: { every_days: 0 } }],
  ])("can't be changed in %s, and is told so", async (param, patch) => {
    const { id } = await make();
    expect(await error("PATCH", `/keys/${id}`, patch)).toMatchObject({ status: 400, code: "invalid_request", param });
    expect(({} as Json).zdr).toBeUndefined();
  });

  it("is suspended and resumed", async () => {
    const { id, key } = await make();
    expect(await told("POST", `/keys/${id}/suspend`)).toMatchObject({ status: "suspended" });
    await expect(lookup(key)).rejects.toMatchObject({ code: "key_suspended" });
    expect(await told("POST", `/keys/${id}/resume`)).toMatchObject({ status: "active" });
    expect(await lookup(key)).toMatchObject({ key: { id } });
  });

  it("stays revoked whatever is asked of it", async () => {
    const { id } = await make();
    await told("POST", `/keys/${id}/revoke`);
    for (const [method, path, body] of [
      ["POST", "/resume", undefined],
      ["POST", "/suspend", undefined],
      ["POST", "/rotate", {}],
      ["PATCH", "", { name: "again" }],
    ] as const) {
      expect(await error(method, `/keys/${id}${path}`, body)).toMatchObject({ status: 409, code: "conflict" });
    }
    expect(await told("GET", `/keys/${id}`)).toMatchObject({ status: "revoked" });
  });

  it("is removed with its secrets, and others of its name are not", async () => {
    const [gone, stays] = [await make(), await make()];
    await Promise.all([lookup(gone.key), lookup(stays.key)]);
    expect(await told("DELETE", `/keys/${gone.id}`)).toEqual({ id: gone.id, object: "key", deleted: true });
    expect(await lookup(gone.key)).toBeNull();
    expect(await lookup(stays.key)).toMatchObject({ key: { id: stays.id } });
    for (const method of ["GET", "DELETE"]) expect((await error(method, `/keys/${gone.id}`)).status).toBe(404);
  });
});

describe("a rotation", () => {
  it("gives a new secret while the old one works on, and shows neither again", async () => {
    const { id, key } = await make();
    const headers = { "idempotency-key": "rotate-once" };
    const first = await server.request("POST", `/keys/${id}/rotate`, { overlap_hours: 2 }, headers);
    expect(first.headers.get("cache-control")).toBe("no-store");
    const rotated = (await first.json()) as Made;
    expect(rotated.key).not.toBe(key);
    const again = (await (
      await server.request("POST", `/keys/${id}/rotate`, { overlap_hours: 2 }, headers)
    ).json()) as Made;
    const { key: _, ...rest } = rotated;
    expect(again).toEqual(rest);
    const { data } = await told<{ data: Json[] }>("GET", `/keys/${id}/secrets`);
    expect(data).toMatchObject([
      { hint: rotated.hint, current: true, expires_at: null },
      { current: false, expires_at: rotated.old_secret_expires_at },
    ]);
    expect(JSON.stringify([again, data])).not.toMatch(/tp_live_\w{20}/);
    expect([await lookup(key), await lookup(rotated.key)]).toMatchObject([{ key: { id } }, { key: { id } }]);
    hours(2);
    await expect(lookup(key)).rejects.toMatchObject({
      code: "key_expired",
      message: expect.stringContaining("rotated"),
    });
    expect(await lookup(rotated.key)).toMatchObject({ key: { id } });
  });

  it("takes no body, and then the overlap of the key's own policy", async () => {
    const { id, key } = await make({ rotation: { every_days: 30, overlap_hours: 0 } });
    await told("POST", `/keys/${id}/rotate`);
    await expect(lookup(key)).rejects.toMatchObject({ code: "key_expired" });
  });

  it("ends at once when it is told to", async () => {
    const { id, key } = await make();
    const rotated = await told<Made>("POST", `/keys/${id}/rotate`);
    await lookup(key);
    await told("POST", `/keys/${id}/end-overlap`);
    await expect(lookup(key)).rejects.toMatchObject({ code: "key_expired" });
    expect(await lookup(rotated.key)).toMatchObject({ key: { id } });
  });

  it("ends early once nobody uses the old secret, and not before it had the time to be used", async () => {
    const { id, key } = await make({ rotation: { every_days: 30, overlap_hours: 48, quiet_hours: 3 } });
    const look = () =>
      lookForQuietOverlaps({
        keys: server.store.keys,
        clock: server.clock,
        onChange: (one) => server.ring.forget(one),
      });
    hours(100);
    await told("POST", `/keys/${id}/rotate`);
    await look();
    hours(2);
    expect(await lookup(key)).toMatchObject({ key: { id } });
    // Times of use are written with the next question about changes.
    hours(1);
    await lookup(generateKey("live"));
    hours(1.5);
    await look();
    expect((await told<{ data: Json[] }>("GET", "/keys?rotation=overlap")).data.map((one) => one.id)).toContain(id);
    hours(1);
    await look();
    await expect(lookup(key)).rejects.toMatchObject({ code: "key_expired" });
  });
});

describe("GET /admin/v1/keys", () => {
  it("finds keys by what is known of them", async () => {
    const customer = "found";
    const now = server.clock.now();
    const one = await make({
      customer,
      name: "Checkout_1",
      metadata: { team: "pay", constructor: "x" },
      environment: "dev",
    });
    const two = await make({
      ...{ customer, name: "search", metadata: { team: "ops" }, rotation: { every_days: 1 } },
      expires_at: new Date(now + 5 * 86_400_000).toISOString(),
    });
    hours(48);
    const three = await make({ customer, name: "Checkout-2" });
    const names = (...keys: Made[]) => keys.map(({ name }) => name).sort();
    const ids = async (query: string) =>
      (await told<{ data: Json[] }>("GET", `/keys?customer=${customer}&${query}`)).data.map(({ name }) => name).sort();
    expect(await ids("q=checkout")).toEqual(names(three, one));
    expect(await ids("q=checkout_")).toEqual(names(one));
    expect(await ids("environment=dev")).toEqual(names(one));
    expect(await ids("metadata.team=ops")).toEqual(names(two));
    expect(await ids("metadata.constructor=x&metadata.team=pay")).toEqual(names(one));
    expect(await ids("metadata.constructor=y")).toEqual([]);
    expect(await ids("rotation=due")).toEqual(names(two));
    expect(await ids("unused_days=1")).toEqual(names(two, one));
    expect(await ids("expires_within_days=4")).toEqual(names(two));
    expect(await ids("expires_within_days=1")).toEqual([]);
  });

  it.each(["colour=red", "metadata.=x", "metadatateam=x", "rotation=soon", "unused_days=-1", "q="])(
    "refuses ?%s",
    async (query) => {
      expect(await error("GET", `/keys?${query}`)).toMatchObject({ status: 400, code: "invalid_request" });
    },
  );
});

describe("many keys", () => {
  it("are suspended, resumed and revoked by what they have in common, and by nothing never", async () => {
    const customer = "bulk";
    const a = await make({ customer, project: "x", metadata: { leak: "1" } });
    const b = await make({ customer, project: "y", metadata: { leak: "1" } });
    const c = await make({ customer, project: "y" });
    const bulk = (body: Json) => told<{ ids: string[]; missing: string[] }>("POST", "/keys/bulk", body);
    const dry = await bulk({ action: "revoke", customer, dry_run: true });
    expect(dry).toMatchObject({ count: 3, dry_run: true });
    expect(await lookup(a.key)).toMatchObject({ key: { id: a.id } });
    expect((await bulk({ action: "suspend", customer, project: "y" })).ids.sort()).toEqual([b.id, c.id].sort());
    await expect(lookup(c.key)).rejects.toMatchObject({ code: "key_suspended" });
    expect(await lookup(a.key)).toMatchObject({ key: { id: a.id } });
    expect((await bulk({ action: "resume", ids: [c.id, a.id, "key_none"] })).ids).toEqual([c.id]);
    expect(await bulk({ action: "revoke", customer, metadata: { leak: "1" } })).toMatchObject({ count: 2 });
    expect([await lookup(a.key), await lookup(b.key)]).toEqual([null, null]);
    expect(await bulk({ action: "resume", ids: [a.id], customer: "other" })).toMatchObject({ count: 0, missing: [] });
    for (const body of [{ action: "revoke" }, { action: "revoke", metadata: {} }, { action: "delete", customer }]) {
      expect(await error("POST", "/keys/bulk", body)).toMatchObject({ status: 400, code: "invalid_request" });
    }
    expect(await lookup(c.key)).toMatchObject({ key: { id: c.id } });
  });

  it("are revoked by their secrets when those were found somewhere, and the secrets are not repeated", async () => {
    const { id, key } = await make();
    const rotated = await told<Made>("POST", `/keys/${id}/rotate`);
    const [stranger, other] = [generateKey("live"), await make()];
    const broken = `${other.key.slice(0, -1)}${other.key.endsWith("0") ? "1" : "0"}`;
    const secrets = [key, stranger, broken, "sk-proj-x", server.adminKey];
    const report = await told<{ data: Json[] }>("POST", "/keys/revoke-leaked", { secrets });
    expect(report.data).toEqual([
      { index: 0, result: "revoked", key_id: id },
      { index: 1, result: "unknown", key_id: null },
      ...[2, 3, 4].map((index) => ({ index, result: "malformed", key_id: null })),
    ]);
    expect(JSON.stringify(report)).not.toContain("tp_");
    expect([await lookup(key), await lookup(rotated.key)]).toEqual([null, null]);
    expect(await lookup(other.key)).toMatchObject({ key: { id: other.id } });
  });
});

describe("customers, projects and templates", () => {
  it("are said something of, changed, listed and forgotten", async () => {
    expect(await told("POST", "/customers", { id: "zoë/ltd", policy: { zdr: true } })).toMatchObject({
      id: "zoë/ltd",
      name: "zoë/ltd",
      status: "active",
      policy: { zdr: true },
    });
    expect(await error("POST", "/customers", { id: "zoë/ltd" })).toMatchObject({ status: 409, code: "conflict" });
    const path = `/customers/${encodeURIComponent("zoë/ltd")}`;
    expect(await told("PATCH", path, { status: "suspended", name: "Zoë" })).toMatchObject({
      policy: { zdr: true },
      name: "Zoë",
    });
    expect(await told("GET", path)).toMatchObject({ status: "suspended" });
    expect(await told("POST", "/projects", { customer: "zoë/ltd", id: "a/b" })).toMatchObject({
      id: "a/b",
      object: "project",
    });
    expect((await told<{ data: Json[] }>("GET", "/projects?customer=other")).data).toEqual([]);
    const project = `/projects/${encodeURIComponent("zoë/ltd")}/${encodeURIComponent("a/b")}`;
    expect(await told("PATCH", project, { metadata: { a: "1" } })).toMatchObject({ metadata: { a: "1" } });
    for (const one of [project, path]) {
      expect(await told("DELETE", one)).toEqual({ deleted: true });
      for (const method of ["GET", "DELETE"]) expect((await error(method, one)).status).toBe(404);
      expect((await error("PATCH", one, {})).status).toBe(404);
    }
    expect(await error("POST", "/customers", { id: "x", price_percent: "1" })).toMatchObject({ status: 400 });
  });

  it("hold for all of their keys at once, and for no other's", async () => {
    const [inside, beside, outside] = [
      await make({ customer: "lev", project: "p" }),
      await make({ customer: "lev", project: "q" }),
      await make({ customer: "levy", project: "p" }),
    ];
    const levels = async () =>
      Promise.all(
        [inside, beside, outside].map(async ({ key }) => {
          const entry = await lookup(key);
          return [entry?.customer?.status ?? null, entry?.project?.status ?? null];
        }),
      );
    expect(await levels()).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
    await told("POST", "/projects", { customer: "lev", id: "p", status: "suspended" });
    expect(await levels()).toEqual([
      [null, "suspended"],
      [null, null],
      [null, null],
    ]);
    await told("POST", "/customers", { id: "lev" });
    expect(await levels()).toEqual([
      ["active", "suspended"],
      ["active", null],
      [null, null],
    ]);
    await told("DELETE", "/projects/lev/p");
    await told("PATCH", "/customers/lev", { status: "suspended" });
    expect(await levels()).toEqual([
      ["suspended", null],
      ["suspended", null],
      [null, null],
    ]);
    await told("DELETE", "/customers/lev");
    expect(await levels()).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
  });

  it("make keys from templates, which what is said of the key goes before", async () => {
    await told("POST", "/policy-templates", {
      name: "small",
      policy: { models: ["openai/*"], max_output_tokens: 100 },
    });
    const made = await make({ template: "small", policy: { max_output_tokens: 5 } });
    expect(made.policy).toEqual({ models: ["openai/*"], max_output_tokens: 5 });
    await told("POST", "/policy-templates", { name: "small", policy: {} });
    expect(await told("GET", `/keys/${made.id}`)).toMatchObject({ policy: made.policy });
    expect((await told<{ data: Json[] }>("GET", "/policy-templates")).data).toMatchObject([
      { name: "small", policy: {} },
    ]);
    expect(await told("DELETE", "/policy-templates/small")).toEqual({ deleted: true });
    expect(await error("POST", "/keys", { name: "n", customer: "c", template: "small" })).toMatchObject({
      status: 400,
      param: "template",
    });
  });
});
