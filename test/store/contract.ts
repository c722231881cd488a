// What every store promises, whatever database is beneath. A driver's test opens one and runs this suite over it.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import { adminContract } from "./contract-admins.ts";
import { auditContract } from "./contract-audit.ts";
import { credentialContract } from "./contract-credentials.ts";
import { creditsContract } from "./contract-credits.ts";
import { ledgerContract } from "./contract-ledger.ts";
import { misuseContract } from "./contract-misuse.ts";
import { operationsContract } from "./contract-operations.ts";
import { responsesContract } from "./contract-responses.ts";
import { usageContract } from "./contract-usage.ts";
import { webhooksContract } from "./contract-webhooks.ts";
import { workloadContract } from "./contract-workloads.ts";
import { noon, sampleAdmin, sampleKey } from "./samples.ts";

/**
 * Runs the contract over fresh, empty stores of one kind.
 * @param usageRuns how many random ledgers usage is summed up of.
 */
export function storeContract(kind: string, open: () => Promise<Store>, { usageRuns = 60 } = {}): void {
  describe(`a store in ${kind}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    keyContract(() => store);
    administratorContract(() => store);
    credentialContract(() => store);
    idempotencyContract(() => store);
    ledgerContract(() => store);
    adminContract(() => store);
    usageContract(() => store, usageRuns);
    creditsContract(() => store);
    operationsContract(() => store);
    responsesContract(() => store);
    webhooksContract(() => store);
    misuseContract(() => store);
    auditContract(() => store);
    workloadContract(() => store);

    it("keeps declared models by id, replaces them whole, and removes them once", async () => {
      const { models } = store;
      const first = { id: "openai/b", contextWindow: 1, capabilities: { tools: true }, prices: { input: "0.1" } };
      await models.put(first, noon);
      await models.put({ id: "openai/a" }, noon);
      const again = await models.put({ id: "openai/b", name: "B" }, noon + 1);
      expect(again.declaration).toEqual({ id: "openai/b", name: "B" });
      expect(await models.list()).toEqual([
        { id: "openai/a", declaration: { id: "openai/a" }, createdAtMs: noon, updatedAtMs: noon },
        { id: "openai/b", declaration: { id: "openai/b", name: "B" }, createdAtMs: noon, updatedAtMs: noon + 1 },
      ]);
      expect([await models.remove("openai/b"), await models.remove("openai/b")]).toEqual([true, false]);
      expect(await models.get("openai/b")).toBeNull();
    });

    it("keeps aliases by name, replaces them whole, removes them once, and moves their epoch with each change", async () => {
      const { aliases } = store;
      expect([await aliases.epoch(), await aliases.list()]).toEqual([0, []]);
      const first = { targets: ["openai/b", { model: "openai/a", weight: 0.5 }], preferences: null };
      await aliases.put("smart", first, noon);
      const made = await aliases.epoch();
      await aliases.put("fast", { targets: ["x/y"] }, noon);
      const again = await aliases.put("smart", { targets: ["ü"] }, noon + 1);
      expect(again).toEqual({
        name: "smart",
        definition: { targets: ["ü"] },
        createdAtMs: noon,
        updatedAtMs: noon + 1,
      });
      expect((await aliases.list()).map(({ name }) => name)).toEqual(["fast", "smart"]);
      expect(await aliases.get("smart")).toEqual(again);
      const replaced = await aliases.epoch();
      expect([await aliases.remove("smart"), await aliases.remove("smart")]).toEqual([true, false]);
      expect(await aliases.get("smart")).toBeNull();
      const removed = await aliases.epoch();
      expect(0 < made && made < replaced && replaced < removed).toBe(true);
      await store.keys.create(sampleKey());
      expect(await aliases.epoch()).toBe(removed);
    });

    it("answers a ping", async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });

    it("keeps the first value of a fact and tells it to everybody", async () => {
      expect(await store.meta.claim("check", "one")).toBe("one");
      expect(await store.meta.claim("check", "two")).toBe("one");
      expect(await store.meta.claim("other", "two")).toBe("two");
    });
  });
}

function keyContract(store: () => Store): void {
  describe("keys", () => {
    it("are found by their secret's digest and by their id, exactly as they were made", async () => {
      const entry = sampleKey({ expiresAtMs: noon + 1, metadata: { team: "päyments ✓", "a.b": "" } });
      await store().keys.create(entry);
      expect(await store().keys.findByDigest(entry.secret.digest)).toEqual({ ...entry, customer: null, project: null });
      expect(await store().keys.get(entry.key.id)).toEqual(entry.key);
      expect(await store().keys.findByDigest("another")).toBeNull();
      expect(await store().keys.get("key_2")).toBeNull();
    });

    it("can't share a digest, and a creation that fails leaves nothing behind", async () => {
      await store().keys.create(sampleKey());
      const epoch = await store().keys.epoch();
      await expect(store().keys.create(sampleKey({ id: "key_2" }, "digest-of-key_1"))).rejects.toThrow();
      expect(await store().keys.get("key_2")).toBeNull();
      expect(await store().keys.epoch()).toBe(epoch);
    });

    it("are listed newest first, page by page, each exactly once", async () => {
      const ids = Array.from({ length: 7 }, (_, index) => `key_${index}`);
      for (const id of ids) await store().keys.create(sampleKey({ id }));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store().keys.list({ limit: 3, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.data.map((key) => key.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(ids.toReversed());
      expect((await store().keys.list({ limit: 7 })).nextCursor).toBeNull();
    });

    it("are listed by customer, project and status", async () => {
      await store().keys.create(sampleKey({ id: "key_a", customer: "acme", project: "shop" }));
      await store().keys.create(sampleKey({ id: "key_b", customer: "acme", project: "lab" }));
      await store().keys.create(sampleKey({ id: "key_c", customer: "other", project: "lab" }));
      await store().keys.revoke("key_c", noon);
      const idsOf = async (query: object) =>
        (await store().keys.list({ limit: 10, ...query })).data.map((key) => key.id);
      expect(await idsOf({ customer: "acme" })).toEqual(["key_b", "key_a"]);
      expect(await idsOf({ project: "lab" })).toEqual(["key_c", "key_b"]);
      expect(await idsOf({ project: "lab", status: "active" })).toEqual(["key_b"]);
      expect(await idsOf({ customer: "' or 1=1 --" })).toEqual([]);
    });

    it("keep the time of their first revocation", async () => {
      const { key, secret } = sampleKey();
      await store().keys.create({ key, secret });
      expect(await store().keys.revoke(key.id, noon + 5)).toBe(true);
      expect(await store().keys.revoke(key.id, noon + 9)).toBe(true);
      expect(await store().keys.findByDigest(secret.digest)).toEqual({
        customer: null,
        project: null,
        key: { ...key, status: "revoked", revokedAtMs: noon + 5 },
        secret,
      });
      expect(await store().keys.revoke("key_none", noon)).toBe(false);
    });

    it("move the epoch with every change, and not with use", async () => {
      const start = await store().keys.epoch();
      await store().keys.create(sampleKey());
      const created = await store().keys.epoch();
      await store().keys.touch(new Map([["digest-of-key_1", { keyId: "key_1", atMs: noon }]]));
      expect(await store().keys.epoch()).toBe(created);
      await store().keys.revoke("key_1", noon);
      const revoked = await store().keys.epoch();
      expect(new Set([start, created, revoked]).size).toBe(3);
    });

    it("tell which of them changed after an epoch", async () => {
      await store().keys.create(sampleKey({ id: "key_1" }));
      const before = await store().keys.epoch();
      await store().keys.create(sampleKey({ id: "key_2" }));
      await store().keys.create(sampleKey({ id: "key_3" }));
      const between = await store().keys.epoch();
      await store().keys.touch(new Map([["digest-of-key_1", { keyId: "key_1", atMs: noon }]]));
      await store().keys.revoke("key_2", noon);
      expect(between).toBeGreaterThan(before);
      expect((await store().keys.changedSince(before))?.toSorted()).toEqual(["key_2", "key_3"]);
      expect(await store().keys.changedSince(between)).toEqual(["key_2"]);
      expect(await store().keys.changedSince(await store().keys.epoch())).toEqual([]);
    });

    it("remember when they were last used; an older report changes nothing", async () => {
      await store().keys.create(sampleKey());
      await store().keys.create(sampleKey({ id: "key_2" }));
      await store().keys.touch(
        new Map([
          ["digest-of-key_1", { keyId: "key_1", atMs: noon + 10 }],
          ["digest-of-key_none", { keyId: "key_none", atMs: noon }],
        ]),
      );
      await store().keys.touch(
        new Map([
          ["digest-of-key_1", { keyId: "key_1", atMs: noon + 5 }],
          ["digest-of-key_2", { keyId: "key_2", atMs: noon + 7 }],
        ]),
      );
      await store().keys.touch(new Map());
      expect((await store().keys.get("key_1"))?.lastUsedAtMs).toBe(noon + 10);
      expect((await store().keys.get("key_2"))?.lastUsedAtMs).toBe(noon + 7);
      expect(await store().keys.secrets("key_1")).toMatchObject([{ lastUsedAtMs: noon + 10 }]);
    });

    it("change as they are told, and only while they are not revoked", async () => {
      const { key } = sampleKey();
      await store().keys.create(sampleKey());
      const epoch = await store().keys.epoch();
      const changes = { name: "new", policy: { models: ["openai/*"] }, expiresAtMs: noon + 9, idleDays: 30 } as const;
      expect(await store().keys.update("key_1", changes)).toBe(true);
      expect(await store().keys.get("key_1")).toEqual({ ...key, ...changes });
      expect(await store().keys.changedSince(epoch)).toEqual(["key_1"]);
      expect(await store().keys.update("key_1", { status: "suspended" })).toBe(true);
      await store().keys.revoke("key_1", noon);
      await store().keys.update("key_1", { status: "active", name: "back" });
      expect(await store().keys.get("key_1")).toMatchObject({ status: "revoked", name: "new" });
      expect(await store().keys.update("key_none", { name: "x" })).toBe(false);
    });

    it("are rotated: the new secret works, and the old ones until their time", async () => {
      await store().keys.create(sampleKey());
      const second = { ...sampleKey({}, "second").secret, createdAtMs: noon + 10, hint: "tp_live_2" };
      const third = { ...sampleKey({}, "third").secret, createdAtMs: noon + 20, hint: "tp_live_3" };
      expect(await store().keys.rotate("key_1", second, noon + 1_000)).toBe(true);
      expect(await store().keys.rotate("key_1", third, noon + 500)).toBe(true);
      const secrets = await store().keys.secrets("key_1");
      expect(secrets.map(({ digest, expiresAtMs }) => [digest, expiresAtMs])).toEqual([
        ["third", null],
        ["second", noon + 500],
        ["digest-of-key_1", noon + 500],
      ]);
      expect(await store().keys.get("key_1")).toMatchObject({ hint: "tp_live_3", rotatedAtMs: noon + 20 });
      await store().keys.endOverlap("key_1", noon + 50);
      expect((await store().keys.findByDigest("second"))?.secret.expiresAtMs).toBe(noon + 50);
      expect((await store().keys.findByDigest("third"))?.secret.expiresAtMs).toBeNull();
      await store().keys.revoke("key_1", noon);
      expect(await store().keys.rotate("key_1", { ...third, digest: "fourth" }, noon)).toBe(false);
    });

    it("are gone when they are removed, and everybody who remembers any is told to look again", async () => {
      await store().keys.create(sampleKey());
      const epoch = await store().keys.epoch();
      expect(await store().keys.remove("key_1")).toBe(true);
      expect(await store().keys.get("key_1")).toBeNull();
      expect(await store().keys.findByDigest("digest-of-key_1")).toBeNull();
      expect(await store().keys.changedSince(epoch)).toBeNull();
      expect(await store().keys.changedSince(await store().keys.epoch())).toEqual([]);
      expect(await store().keys.remove("key_1")).toBe(false);
    });

    it("are found by what is said of them", async () => {
      const old = { rotation: { everyDays: 30, overlapHours: 1 }, createdAtMs: noon - 40 * 86_400_000 };
      await store().keys.create(sampleKey({ id: "key_1", name: "100%_Checkout", environment: "test", ...old }));
      await store().keys.create(
        sampleKey({ id: "key_2", name: "search", metadata: { team: "blue" }, expiresAtMs: noon + 5 }),
      );
      const ids = async (query: object) => (await store().keys.list({ limit: 10, ...query })).data.map(({ id }) => id);
      expect(await ids({ search: "100%_check" })).toEqual(["key_1"]);
      expect(await ids({ search: "%" })).toEqual(["key_1"]);
      expect(await ids({ search: "' or 1=1" })).toEqual([]);
      expect(await ids({ environment: "test" })).toEqual(["key_1"]);
      expect(await ids({ metadata: { team: "blue" } })).toEqual(["key_2"]);
      expect(await ids({ metadata: { team: "blue", x: "y" } })).toEqual([]);
      expect(await ids({ rotationDueAtMs: noon })).toEqual(["key_1"]);
      expect(await ids({ rotationDueAtMs: noon - 20 * 86_400_000 })).toEqual([]);
      expect(await ids({ unusedSinceMs: noon - 1 })).toEqual(["key_1"]);
      expect(await ids({ expiresBeforeMs: noon + 6 })).toEqual(["key_2"]);
    });
  });
}

function administratorContract(store: () => Store): void {
  describe("administrators", () => {
    it("are found by digest and counted", async () => {
      expect(await store().admins.count()).toBe(0);
      await store().admins.create(sampleAdmin());
      await store().admins.create(sampleAdmin({ id: "adm_2" }));
      expect(await store().admins.findByDigest("digest-of-adm_2")).toEqual(sampleAdmin({ id: "adm_2" }));
      expect(await store().admins.findByDigest("nobody's")).toBeNull();
      expect(await store().admins.count()).toBe(2);
    });

    it("have one first among many that try at once", async () => {
      const tries = Array.from({ length: 5 }, (_, index) =>
        store().admins.createFirst(sampleAdmin({ id: `adm_${index}` })),
      );
      expect((await Promise.all(tries)).filter((made) => made)).toHaveLength(1);
      expect(await store().admins.count()).toBe(1);
    });

    it("are replaced under their id", async () => {
      await store().admins.put(sampleAdmin());
      await store().admins.put(sampleAdmin({ digest: "new", hint: "new" }));
      expect(await store().admins.findByDigest("digest-of-adm_1")).toBeNull();
      expect(await store().admins.findByDigest("new")).toMatchObject({ id: "adm_1", hint: "new" });
    });
  });
}

function idempotencyContract(store: () => Store): void {
  describe("remembered answers", () => {
    const claim = (hash = "h", nowMs = noon) => store().idempotency.claim("admin:1", "k", hash, nowMs);

    it("are claimed by one of many that try at once", async () => {
      const kinds = await Promise.all(Array.from({ length: 8 }, async () => (await claim()).kind));
      expect(kinds.filter((kind) => kind === "new")).toHaveLength(1);
      expect(kinds.filter((kind) => kind === "pending")).toHaveLength(7);
    });

    it("are given to a repetition, and refused to a different request", async () => {
      await claim();
      await store().idempotency.complete("admin:1", "k", 201, '{"a":1}');
      expect(await claim()).toEqual({ kind: "done", status: 201, body: '{"a":1}' });
      expect(await claim("other")).toEqual({ kind: "mismatch" });
      expect(await store().idempotency.claim("admin:2", "k", "h", noon)).toEqual({ kind: "new" });
    });

    it("are free again after a failure, and a finished one is not given up", async () => {
      await claim();
      await store().idempotency.release("admin:1", "k");
      expect(await claim("other")).toEqual({ kind: "new" });
      await store().idempotency.complete("admin:1", "k", 200, "{}");
      await store().idempotency.release("admin:1", "k");
      expect((await claim("other")).kind).toBe("done");
    });

    it("are forgotten after a day", async () => {
      await claim();
      await store().idempotency.complete("admin:1", "k", 200, "{}");
      const day = 24 * 60 * 60 * 1000;
      expect((await claim("h", noon + day)).kind).toBe("done");
      expect((await claim("other", noon + day + 1)).kind).toBe("new");
    });

    it("can be claimed anew when the first try never ended", async () => {
      await claim();
      expect((await claim("h", noon + 60_000)).kind).toBe("pending");
      expect((await claim("h", noon + 60_001)).kind).toBe("new");
    });
  });
}
