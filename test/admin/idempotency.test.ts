// A POST that is sent again with its `Idempotency-Key` is answered again and done once.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDigest } from "../../src/keys/digest.ts";
import { generateAdminKey } from "../../src/keys/format.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

const body = { name: "checkout", customer: "acme" };

describe("a POST with an Idempotency-Key", () => {
  let server: AdminServer;
  beforeEach(async () => {
    server = await startAdmin();
  });
  afterEach(() => server.close());
  const post = (key: string, content: unknown = body, path = "/keys") =>
    server.request("POST", path, content, { "idempotency-key": key });
  const count = async () => (await server.store.keys.list({ limit: 1000 })).data.length;

  it("is done once; the repetition gets the same object without the secret", async () => {
    const first = (await (await post("a")).json()) as Record<string, unknown>;
    const repeated = await post("a");
    expect(repeated.status).toBe(201);
    expect(repeated.headers.get("idempotent-replayed")).toBe("true");
    expect(repeated.headers.get("content-type")).toBe("application/json");
    const { key, ...rest } = first;
    expect(key).toMatch(/^tp_live_/);
    expect(await repeated.json()).toEqual(rest);
    expect(await count()).toBe(1);
  });

  it("is refused when the same key comes with another body or another path", async () => {
    const { id } = (await (await post("a")).json()) as { id: string };
    for (const again of [await post("a", { ...body, name: "other" }), await post("a", body, `/keys/${id}/revoke`)]) {
      expect(await errorOf(again)).toMatchObject({ status: 409, code: "conflict" });
    }
    expect(await count()).toBe(1);
    expect((await server.store.keys.get(id))?.status).toBe("active");
  });

  it("is done once among many sent at the same time", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post("a")));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    const made = await Promise.all(answers.filter((answer) => answer.status === 201).map((answer) => answer.json()));
    expect(made.filter((one) => "key" in (one as object))).toHaveLength(1);
    expect(await count()).toBe(1);
  });

  it("that failed may be sent again, mended", async () => {
    expect((await post("a", { name: "x" })).status).toBe(400);
    expect((await post("a")).status).toBe(201);
  });

  it("is done anew after a day", async () => {
    await post("a");
    server.clock.advance(24 * 60 * 60 * 1000 + 1);
    const later = await post("a");
    expect(later.headers.get("idempotent-replayed")).toBeNull();
    expect(await count()).toBe(2);
  });

  it("is another one for another administrator", async () => {
    const other = generateAdminKey();
    const digest = createDigest(new Uint8Array(32).fill(3))(other);
    await server.store.admins.create({
      id: "adm_b",
      name: "b",
      role: "owner",
      hint: "",
      digest,
      createdAtMs: 0,
      revokedAtMs: null,
    });
    await post("a");
    const theirs = await server.request("POST", "/keys", body, {
      "idempotency-key": "a",
      authorization: `Bearer ${other}`,
    });
    expect(theirs.headers.get("idempotent-replayed")).toBeNull();
    expect(await count()).toBe(2);
  });

  it("covers revocation too", async () => {
    const { id } = (await (await post("a")).json()) as { id: string };
    const first = await post("b", {}, `/keys/${id}/revoke`);
    const repeated = await post("b", {}, `/keys/${id}/revoke`);
    expect(repeated.headers.get("idempotent-replayed")).toBe("true");
    expect(await repeated.json()).toEqual(await first.json());
  });

  it.each(["x".repeat(256), "with space", "\u00e9"])("needs a key of visible ASCII, not %.20s", async (key) => {
    expect(await errorOf(await post(key))).toMatchObject({ status: 400, param: "Idempotency-Key" });
    expect(await count()).toBe(0);
  });
});
