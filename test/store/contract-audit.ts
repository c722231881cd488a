// What every store promises of the trail: rows that are added in order and never changed, and what stands beside them.
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import type { AuditRow } from "../../src/store/port-audit.ts";
import { noon } from "./samples.ts";

const row = (seq: number, body: object = {}): AuditRow => ({
  seq,
  body: JSON.stringify({ action: "key.create", at: new Date(noon + seq).toISOString(), ...body }),
  hash: `hash${seq}`,
  mac: `mac${seq}`,
});

/** Rows of these bodies, from 1 on, and the append that writes them. */
function appendOf(bodies: readonly object[], after = 0) {
  const rows = bodies.map((body, index) => row(after + index + 1, body));
  return { after, rows, head: { seq: after + rows.length, hash: `hash${after + rows.length}`, mac: "end" } };
}

export function auditContract(store: () => Store): void {
  describe("the trail", () => {
    it("is empty at first, and then ends with what was appended last", async () => {
      const { audit } = store();
      expect(await audit.end()).toEqual({ head: null, last: null });
      expect(await audit.append(appendOf([{}, {}]))).toBe(true);
      expect(await audit.append(appendOf([{}], 2))).toBe(true);
      expect(await audit.end()).toEqual({ head: { seq: 3, hash: "hash3", mac: "end" }, last: row(3) });
      expect(await audit.scan(0, 2)).toEqual([row(1), row(2)]);
      expect(await audit.scan(2, 2)).toEqual([row(3)]);
      expect([await audit.get(2), await audit.get(4)]).toEqual([row(2), null]);
    });

    it("takes one of two appends after the same entry", async () => {
      const { audit } = store();
      await audit.append(appendOf([{}]));
      const both = await Promise.all([audit.append(appendOf([{ n: 1 }], 1)), audit.append(appendOf([{ n: 2 }], 1))]);
      expect(both.toSorted()).toEqual([false, true]);
      expect(await audit.scan(0, 10)).toHaveLength(2);
    });

    it("gives up intents with the entry that settles them, and keeps all when the append fails", async () => {
      const { audit } = store();
      for (const id of ["a", "b", "c"]) await audit.intend({ id, atMs: noon, event: "{}" });
      await audit.append({ ...appendOf([{}]), settled: ["a"] });
      expect(await audit.append({ ...appendOf([{}]), settled: ["b"] })).toBe(false);
      await audit.forget("c");
      expect(await audit.intents(noon + 1, 10)).toEqual([{ id: "b", atMs: noon, event: "{}" }]);
      expect(await audit.intents(noon, 10)).toEqual([]);
    });

    it("is searched by patterns, times and words, newest first", async () => {
      const { audit } = store();
      const of = (action: string, actor: string, target: string, outcome: string) =>
        ({ action, actor: { id: actor }, target: { id: target }, outcome }) as const;
      await audit.append(
        appendOf([
          of("key.create", "adm_1", "key_1", "success"),
          of("key.revoke", "adm_2", "key_1", "denied"),
          of("keyring_x", "adm_1", "100%", "success"),
        ]),
      );
      const found = async (query: object) => (await audit.list({ limit: 10, ...query })).map(({ seq }) => seq);
      expect(await found({})).toEqual([3, 2, 1]);
      expect(await found({ limit: 2 })).toEqual([3, 2]);
      expect(await found({ before: 3, limit: 1 })).toEqual([2]);
      expect(await found({ action: "key.*" })).toEqual([2, 1]);
      expect(await found({ action: "key_*" })).toEqual([]);
      expect(await found({ action: "*_x" })).toEqual([3]);
      expect(await found({ actor: "adm_1", target: "key_1" })).toEqual([1]);
      expect(await found({ outcome: "denied" })).toEqual([2]);
      expect(await found({ fromMs: noon + 2, toMs: noon + 3 })).toEqual([2]);
      expect(await found({ search: "100%" })).toEqual([3]);
      expect(await found({ search: "KEY.REVOKE" })).toEqual([2]);
      expect((await audit.latest("key.create"))?.seq).toBe(1);
      expect(await audit.latest("none")).toBeNull();
    });

    it("loses its beginning to a cut that stands in it, and to nothing else", async () => {
      const { audit } = store();
      await audit.append(appendOf([{}, {}, {}]));
      const plain = appendOf([{}], 3);
      await expect(audit.append({ ...plain, cutThrough: 2 })).rejects.toThrow(/append-only/);
      expect(await audit.scan(0, 10)).toHaveLength(3);
      const cut = appendOf([{ action: "audit.cut", after: { seq: 2 } }], 3);
      expect(await audit.append({ ...cut, cutThrough: 2 })).toBe(true);
      expect((await audit.scan(0, 10)).map(({ seq }) => seq)).toEqual([3, 4]);
    });

    it("keeps the first key, and how far each exporter has come", async () => {
      const { audit } = store();
      expect(await audit.key()).toBeNull();
      const head = { seq: 0, hash: "none", mac: "one" };
      await audit.claimKey({ sealed: new Uint8Array([1, 2]), publicKey: "one" }, head);
      const kept = await audit.claimKey({ sealed: new Uint8Array([3]), publicKey: "two" }, { ...head, mac: "two" });
      expect(await audit.end()).toEqual({ head, last: null });
      expect([kept.publicKey, [...kept.sealed]]).toEqual(["one", [1, 2]]);

      await audit.delivered({ name: "siem", seq: 5, deliveredAtMs: noon }, []);
      const letter = { exporter: "siem", seq: 6, atMs: noon, reason: "410" };
      await audit.delivered({ name: "siem", seq: 7, deliveredAtMs: noon + 1 }, [letter]);
      expect(await audit.cursors()).toEqual([{ name: "siem", seq: 7, deliveredAtMs: noon + 1 }]);
      expect(await audit.deadLetters("siem", 10)).toEqual([letter]);
    });
  });
}
