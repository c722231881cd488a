// What every store promises of workload identity and of logged prompts.
import { beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import type { PromptLogRecord } from "../../src/store/port-prompts.ts";
import type { RuleRecord } from "../../src/store/port-rules.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "./samples.ts";

const dayMs = 86_400_000;

export function sampleRule(over: Partial<RuleRecord> = {}): RuleRecord {
  return {
    id: "rule_1",
    name: "ci",
    issuer: "https://issuer.example",
    status: "active",
    terms: {
      audiences: ["turnpike"],
      subjects: ["repo:acme/*"],
      claims: { ref: ["refs/heads/main"] },
      jwks: null,
      ca: null,
      maxTokenAgeS: 600,
      once: false,
      customer: "acme",
      project: "shop",
      environment: "live",
      ttlS: 3_600,
      outlivesToken: false,
      keyName: "{rule}",
      keep: [],
      maxKeys: 10,
      direct: false,
    },
    policy: { models: ["a"] },
    createdAtMs: noon,
    updatedAtMs: noon,
    ...over,
  };
}

export function workloadContract(store: () => Store): void {
  describe("rules", () => {
    const issue = (id: string, most = 10, expiresAtMs = noon + 3_600_000, digest = `digest-of-${id}`) => {
      const entry = sampleKey({ id, expiresAtMs }, digest);
      return store().rules.issue({ ...entry, ruleId: "rule_1", expiresAtMs }, most);
    };
    beforeEach(() => store().rules.create(sampleRule()));

    it("are kept as they were made, in their order, and found by their issuer while they are active", async () => {
      const { rules } = store();
      await rules.create(sampleRule({ id: "rule_3", issuer: "https://other.example" }));
      await rules.create(sampleRule({ id: "rule_2", status: "suspended" }));
      expect(await rules.get("rule_1")).toEqual(sampleRule());
      expect((await rules.list()).map(({ id }) => id)).toEqual(["rule_1", "rule_2", "rule_3"]);
      expect((await rules.ofIssuer("https://issuer.example")).map(({ id }) => id)).toEqual(["rule_1"]);
      expect(await rules.ofIssuer("https://issuer.example/")).toEqual([]);
      const changed = await rules.update("rule_2", { status: "active", name: "b" }, noon + 1);
      expect(changed).toEqual(sampleRule({ id: "rule_2", name: "b", updatedAtMs: noon + 1 }));
      expect((await rules.ofIssuer("https://issuer.example")).map(({ id }) => id)).toEqual(["rule_1", "rule_2"]);
      expect(await rules.update("rule_9", { name: "x" }, noon)).toBeNull();
      expect(await rules.get("rule_9")).toBeNull();
    });

    it("give keys that are found with what the rule says, and no more than so many that live", async () => {
      const { rules, keys } = store();
      expect(await issue("key_1", 2)).toBe("issued");
      expect((await keys.findByDigest("digest-of-key_1"))?.rule).toEqual({
        id: "rule_1",
        status: "active",
        policy: { models: ["a"] },
      });
      expect(await issue("key_2", 2, noon + 1)).toBe("issued");
      expect(await issue("key_3", 2)).toBe("full");
      expect(await keys.get("key_3")).toBeNull();
      expect(await rules.liveKeys(noon)).toEqual(new Map([["rule_1", 2]]));
      expect(await rules.liveKeys(noon + 1)).toEqual(new Map([["rule_1", 1]]));
      await keys.revoke("key_1", noon);
      expect(await issue("key_4", 2)).toBe("issued");
      await keys.create(sampleKey({ id: "key_5" }));
      expect(await keys.findByDigest("digest-of-key_5")).not.toHaveProperty("rule");
    });

    it("give no second key for a secret that one has, and none when they are suspended or gone", async () => {
      const { rules, keys } = store();
      expect(await issue("key_1")).toBe("issued");
      expect(await issue("key_2", 10, noon + 3_600_000, "digest-of-key_1")).toBe("taken");
      expect(await keys.get("key_2")).toBeNull();
      expect(await rules.liveKeys(noon)).toEqual(new Map([["rule_1", 1]]));
      await rules.update("rule_1", { status: "suspended" }, noon);
      expect(await issue("key_3")).toBe("full");
      await rules.remove("rule_1", noon, { revokeKeys: false });
      expect(await issue("key_4")).toBe("full");
    });

    it("move the epoch of their keys when they change or go, and revoke them where that is asked for", async () => {
      const { rules, keys } = store();
      await issue("key_1");
      let epoch = await keys.epoch();
      const changed = async () => {
        const ids = await keys.changedSince(epoch);
        epoch = await keys.epoch();
        return ids;
      };
      await rules.update("rule_1", { policy: {} }, noon);
      expect(await changed()).toEqual(["key_1"]);
      expect(await rules.remove("rule_1", noon + 5, { revokeKeys: false })).toBe(true);
      expect(await changed()).toEqual(["key_1"]);
      expect(await rules.get("rule_1")).toBeNull();
      expect(await rules.remove("rule_1", noon, { revokeKeys: true })).toBe(false);
      expect((await keys.findByDigest("digest-of-key_1"))?.rule).toMatchObject({ status: "active", policy: {} });

      await rules.create(sampleRule({ id: "rule_2" }));
      const entry = sampleKey({ id: "key_2" });
      await rules.issue({ ...entry, ruleId: "rule_2", expiresAtMs: noon + 10 }, 1);
      await changed();
      await rules.remove("rule_2", noon + 6, { revokeKeys: true });
      expect(await changed()).toEqual(["key_2"]);
      expect(await keys.get("key_2")).toMatchObject({ status: "revoked", revokedAtMs: noon + 6 });
      expect(await keys.get("key_1")).toMatchObject({ status: "active" });
    });

    it("know what their keys have used, after those are gone too", async () => {
      const { rules, keys, calls } = store();
      await issue("key_1");
      const opened = [sampleCall(), sampleCall({ id: "req_2", keyId: "key_other" })];
      await calls.append({ opened, settled: [sampleSettlement(), sampleSettlement({ id: "req_2" })] });
      const used = () => calls.usage({ groupBy: [], fromMs: 0, toMs: noon + 1, ruleId: "rule_1" });
      expect(await used()).toMatchObject([{ requests: 1 }]);
      expect(await rules.sweep(noon + 3_600_000 + 29 * dayMs, 10)).toBe(0);
      expect(await rules.sweep(noon + 3_600_001 + 30 * dayMs, 10)).toBe(1);
      expect(await keys.get("key_1")).toBeNull();
      expect(await keys.findByDigest("digest-of-key_1")).toBeNull();
      expect(await used()).toMatchObject([{ requests: 1 }]);
      await rules.sweep(noon + 402 * dayMs, 10);
      expect(await used()).toMatchObject([{ requests: 0 }]);
    });

    it("spend a token once, and forget it when it has ended", async () => {
      const { rules } = store();
      expect(await rules.spend("token", noon + 10)).toBe(true);
      expect(await rules.spend("token", noon + 10)).toBe(false);
      await rules.sweep(noon + 10, 10);
      expect(await rules.spend("token", noon + 10)).toBe(false);
      await rules.sweep(noon + 11, 10);
      expect(await rules.spend("token", noon + 10)).toBe(true);
    });
  });

  describe("logged prompts", () => {
    const record = (id: string, over: Partial<PromptLogRecord> = {}): PromptLogRecord => ({
      ...{ id, customer: "acme", project: "shop", keyId: "key_1", operation: "chat", model: "m" },
      ...{ createdAtMs: noon, expiresAtMs: noon + 100 },
      ...over,
    });
    const sealed = new Uint8Array([0, 1, 255]);

    it("are kept with their sealed content until their time is over", async () => {
      const { prompts } = store();
      await prompts.put(record("req_1"), sealed);
      await prompts.put(record("req_1", { customer: "other" }), new Uint8Array());
      const found = await prompts.get("req_1", noon + 99);
      expect(found?.record).toEqual(record("req_1"));
      expect(new Uint8Array(found?.sealed ?? [])).toEqual(sealed);
      expect(await prompts.get("req_1", noon + 100)).toBeNull();
      expect((await prompts.list({ limit: 10 }, noon + 100)).data).toEqual([]);
      expect(await prompts.sweep(noon + 99, 10)).toBe(0);
      expect(await prompts.sweep(noon + 100, 10)).toBe(1);
      expect(await prompts.get("req_1", noon)).toBeNull();
    });

    it("are listed by whose they are and when they were, newest first, page by page", async () => {
      const { prompts } = store();
      for (let nth = 0; nth < 5; nth++) {
        await prompts.put(
          record(`req_${nth}`, { createdAtMs: noon + Math.floor(nth / 2), project: nth === 4 ? "web" : "shop" }),
          sealed,
        );
      }
      const ids = async (query = {}) => (await prompts.list({ limit: 10, ...query }, noon)).data.map(({ id }) => id);
      expect(await ids()).toEqual(["req_4", "req_3", "req_2", "req_1", "req_0"]);
      expect(await ids({ project: "web" })).toEqual(["req_4"]);
      expect(await ids({ customer: "none" })).toEqual([]);
      expect(await ids({ fromMs: noon + 1, toMs: noon + 2 })).toEqual(["req_3", "req_2"]);
      expect(await ids({ within: [{ customer: "acme", project: "web" }] })).toEqual(["req_4"]);
      const first = await prompts.list({ limit: 2 }, noon);
      expect(await ids({ cursor: first.nextCursor })).toEqual(["req_2", "req_1", "req_0"]);
      expect(await prompts.remove("req_2")).toBe(true);
      expect(await prompts.remove("req_2")).toBe(false);
      expect(await ids({ cursor: first.nextCursor })).toEqual(["req_1", "req_0"]);
    });
  });
}
