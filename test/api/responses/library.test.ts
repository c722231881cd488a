// The library of responses over a real database: how long they live, how long they may be, how small they lie.
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Content, Library, type Place } from "../../../src/api/responses/library.ts";
import { sweepResponses } from "../../../src/api/responses/sweep.ts";
import type { Store } from "../../../src/store/port.ts";
import { openSqlite } from "../../../src/store/sqlite.ts";
import { createSealer } from "../../../src/vault/seal.ts";
import { type ManualClock, manualClock } from "../../support/clock.ts";

const day = 24 * 60 * 60 * 1000;
const sealer = createSealer(randomBytes(32), "turnpike/test/1");

let store: Store;
let clock: ManualClock;
let library: Library;
beforeEach(async () => {
  store = await openSqlite(":memory:");
  clock = manualClock();
  library = new Library({ responses: store.responses, sealer, clock, retentionMs: 30 * day, maxLength: 10_000 });
});
afterEach(() => store.close());

const place = (id: string, previousId: string | null = null): Place => ({
  id,
  customer: "acme",
  keyId: "key_1",
  previousId,
});
const content = (text: string, id = "resp_1"): Content => ({
  input: [{ role: "user", content: text }],
  response: { id, output: [{ type: "message", id: `msg_${id}`, content: [] }] },
});
const textsOf = async (id: string): Promise<readonly unknown[]> => {
  const conversation = await library.conversation("acme", id);
  return conversation.kind === "here" ? conversation.items.map((item) => item.content) : [conversation.kind];
};

describe("a conversation", () => {
  test("lives for its days from its last turn on, with all its turns, and is unknown from then on", async () => {
    await library.keep(place("resp_1"), content("one"));
    clock.advance(29 * day);
    await library.keep(place("resp_2", "resp_1"), content("two"));
    clock.advance(29 * day);
    expect(await textsOf("resp_2")).toEqual(["one", [], "two", []]);
    clock.advance(day - 1);
    expect(await textsOf("resp_2")).toEqual(["one", [], "two", []]);
    clock.advance(1);
    expect(await textsOf("resp_2")).toEqual(["unknown"]);
    expect((await library.find("acme", ["resp_1", "resp_2"])).size).toBe(0);
  });

  test("is swept when it has expired, however many there are, and no other one is", async () => {
    for (let at = 0; at < 450; at++) await library.keep(place(`resp_${at}`), content("x"));
    clock.advance(day);
    await library.keep(place("resp_young"), content("young"));
    await sweepResponses({ responses: store.responses, clock });
    expect(await store.responses.find("acme", ["resp_0", "resp_449"])).toHaveLength(2);
    clock.advance(29 * day);
    await sweepResponses({ responses: store.responses, clock });
    expect(await store.responses.sweep(Number.MAX_SAFE_INTEGER, 1_000)).toBe(1);
  });

  test("may be as long as a request, and not longer", async () => {
    await library.keep(place("resp_1"), content("x".repeat(6_000)));
    await library.keep(place("resp_2", "resp_1"), content("y".repeat(3_000)));
    expect((await library.conversation("acme", "resp_2")).kind).toBe("here");
    await library.keep(place("resp_3", "resp_2"), content("z".repeat(3_000)));
    expect((await library.conversation("acme", "resp_3")).kind).toBe("too_long");
  });

  test("of hundreds of turns is put together in their order", async () => {
    for (let turn = 0; turn < 150; turn++) {
      await library.keep(place(`resp_${turn}`, turn === 0 ? null : `resp_${turn - 1}`), {
        input: [{ content: turn }],
        response: {},
      });
    }
    expect(await textsOf("resp_149")).toEqual(Array.from({ length: 150 }, (_, turn) => turn));
  });
});

describe("a response", () => {
  test("that is longer than a request may be is not kept", async () => {
    expect(await library.keep(place("resp_1"), content("x".repeat(10_000)))).toBe(false);
    expect((await library.find("acme", ["resp_1"])).size).toBe(0);
  });

  test("whose id is another customer's is not kept, and the other's stays", async () => {
    expect(await library.keep(place("resp_1"), content("mine"))).toBe(true);
    expect(await library.keep({ ...place("resp_1"), customer: "globex" }, content("theirs"))).toBe(false);
    expect(await textsOf("resp_1")).toEqual(["mine", []]);
  });

  test("lies packed: text that repeats itself takes a fraction of its length", async () => {
    await library.keep(place("resp_1"), content("All work and no play makes Jack a dull boy. ".repeat(200)));
    const sealed = (await store.responses.contents(["resp_1"])).get("resp_1");
    expect(sealed?.length).toBeLessThan(600);
  });
});
