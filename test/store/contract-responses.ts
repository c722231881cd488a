// The part of the store's contract that is about stored responses.
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import type { ResponseRecord } from "../../src/store/port-responses.ts";
import { noon } from "./samples.ts";

const day = 24 * 60 * 60 * 1000;

function sample(over: Partial<ResponseRecord> = {}): ResponseRecord {
  return {
    id: "resp_1",
    customer: "acme",
    keyId: "key_1",
    previousId: null,
    keeper: null,
    length: 3,
    createdAtMs: noon,
    expiresAtMs: noon + day,
    ...over,
  };
}

/** Enough for three pieces, no two of which are the same. */
const large = new Uint8Array(2.5 * 1024 * 1024).map((_, at) => (at * 31 + (at >> 16)) % 251);

export function responsesContract(storeOf: () => Store): void {
  describe("stored responses", () => {
    const put = (over: Partial<ResponseRecord>, sealed: Uint8Array | null = new Uint8Array([1, 2, 3])) =>
      storeOf().responses.put(sample(over), sealed);
    const known = async (customer: string, ...ids: string[]) =>
      (await storeOf().responses.find(customer, ids)).map(({ id }) => id).sort();

    it("are found by their customer alone, with their content, whatever its size", async () => {
      const { responses } = storeOf();
      expect(await put({}, large)).toBe(true);
      await put({ id: "resp_elsewhere", keeper: "openai#2", length: 0 }, null);
      expect(await responses.find("acme", ["resp_1"])).toEqual([sample()]);
      expect(await known("acme", "resp_1", "resp_elsewhere", "resp_none")).toEqual(["resp_1", "resp_elsewhere"]);
      expect(await known("globex", "resp_1", "resp_elsewhere")).toEqual([]);
      const contents = await responses.contents(["resp_1", "resp_elsewhere"]);
      expect([...contents.keys()]).toEqual(["resp_1"]);
      expect(Buffer.compare(Buffer.from(contents.get("resp_1") ?? []), Buffer.from(large))).toBe(0);
    });

    it("are found however many are asked for", async () => {
      const ids = Array.from({ length: 95 }, (_, at) => `resp_${at}`);
      for (const id of ids) await put({ id });
      expect(await known("acme", ...ids)).toEqual([...ids].sort());
      expect((await storeOf().responses.contents(ids)).size).toBe(95);
    });

    it("are never written over, not even by another customer", async () => {
      await put({});
      expect(await put({ customer: "globex" }, new Uint8Array([9]))).toBe(false);
      expect(await known("globex", "resp_1")).toEqual([]);
      const content = (await storeOf().responses.contents(["resp_1"])).get("resp_1");
      expect([...(content ?? [])]).toEqual([1, 2, 3]);
    });

    it("make conversations, the latest first, which end where one is missing or belongs to somebody else", async () => {
      const { responses } = storeOf();
      await put({ id: "resp_a" });
      await put({ id: "resp_b", previousId: "resp_a" });
      await put({ id: "resp_c", previousId: "resp_b" });
      await put({ id: "resp_x", customer: "globex", previousId: "resp_c" });
      const chain = async (customer: string, id: string, most = 10) =>
        (await responses.chain(customer, id, most)).map((record) => record.id);
      expect(await chain("acme", "resp_c")).toEqual(["resp_c", "resp_b", "resp_a"]);
      expect(await chain("acme", "resp_c", 2)).toEqual(["resp_c", "resp_b"]);
      expect(await chain("globex", "resp_c")).toEqual([]);
      expect(await chain("globex", "resp_x")).toEqual(["resp_x"]);
      expect(await responses.remove("acme", "resp_b")).toBe(true);
      expect(await chain("acme", "resp_c")).toEqual(["resp_c"]);
    });

    it("live as long as the latest response of their conversation", async () => {
      const { responses } = storeOf();
      await put({ id: "resp_a" });
      await put({ id: "resp_other" });
      await put({ id: "resp_b", previousId: "resp_a", expiresAtMs: noon + 2 * day });
      await put({ id: "resp_short", previousId: "resp_b", expiresAtMs: noon + 1 });
      expect(await responses.sweep(noon + day, 10)).toBe(2);
      expect(await known("acme", "resp_a", "resp_b", "resp_short", "resp_other")).toEqual(["resp_a", "resp_b"]);
    });

    it("are removed once, by their customer alone, with their content", async () => {
      const { responses } = storeOf();
      await put({});
      expect(await responses.remove("globex", "resp_1")).toBe(false);
      expect(await responses.remove("acme", "resp_1")).toBe(true);
      expect(await responses.remove("acme", "resp_1")).toBe(false);
      expect((await responses.contents(["resp_1"])).size).toBe(0);
    });

    it("are swept with their content once they have expired, a few at a time", async () => {
      const { responses } = storeOf();
      for (const id of ["resp_1", "resp_2", "resp_3"]) await put({ id });
      await put({ id: "resp_4", expiresAtMs: noon + day + 1 });
      expect(await responses.sweep(noon + day - 1, 2)).toBe(0);
      expect([await responses.sweep(noon + day, 2), await responses.sweep(noon + day, 2)]).toEqual([2, 1]);
      expect([...(await responses.contents(["resp_1", "resp_2", "resp_3", "resp_4"])).keys()]).toEqual(["resp_4"]);
    });
  });
}
