// Those that come and go with calls: who is there is there, and who left is forgotten, by the collector of young objects too.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Comers, NamedComers } from "../src/comers.ts";

describe("comers", () => {
  it("are all there but those that left, whoever leaves first", () => {
    const comers = new Comers<{ readonly name: number }>();
    const all = Array.from({ length: 5 }, (_, name) => ({ name }));
    for (const one of all) comers.add(one);
    for (const name of [4, 0, 2]) comers.delete(all[name] ?? { name });
    expect([...comers].map(({ name }) => name).toSorted()).toEqual([1, 3]);
    comers.add(all[0] ?? { name: 0 });
    expect([...comers].map(({ name }) => name).toSorted()).toEqual([0, 1, 3]);
  });

  it("take no notice of who is not there, or left before", () => {
    const comers = new Comers<object>();
    const one = {};
    comers.delete(one);
    comers.add(one);
    comers.delete(one);
    comers.delete(one);
    comers.delete({});
    expect([...comers]).toEqual([]);
  });

  it("with names are taken by them, once", () => {
    const comers = new NamedComers<string>();
    comers.add(7, "seven");
    comers.add("__proto__", "odd");
    comers.add("left", "behind");
    expect([comers.take(7), comers.take(7), comers.take("constructor")]).toEqual(["seven", undefined, undefined]);
    expect(comers.take("__proto__")).toBe("odd");
    expect(comers.takeAll()).toEqual([["left", "behind"]]);
    expect(comers.takeAll()).toEqual([]);
  });
});

describe("what has left", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options?: { type: "minor" | "major" }) => void;

  /** Megabytes that are left of 100 MB of members which came and went while 30 others were there, without a full collection. */
  function left(add: (member: object, name: number) => void, remove: (member: object, name: number) => void): number {
    const there: [object, number][] = [];
    const come = (name: number): void => {
      const member = { held: new Array(1_250).fill(name) };
      there.push([member, name]);
      add(member, name);
    };
    for (let name = 0; name < 30; name++) come(name);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let name = 30; name < 10_030; name++) {
      come(name);
      remove(...(there.shift() ?? [{}, 0]));
      if (name % 100 === 0) collect({ type: "minor" });
    }
    return (process.memoryUsage().heapUsed - before) / 1e6;
  }

  // With a Map or a Set it is 17 MB and more.
  it("is collected with the young", () => {
    const comers = new Comers<object>();
    const named = new NamedComers<object>();
    expect(
      left(
        (member) => comers.add(member),
        (member) => comers.delete(member),
      ),
    ).toBeLessThan(10);
    expect(
      left(
        (member, name) => named.add(name, member),
        (_member, name) => named.take(name),
      ),
    ).toBeLessThan(10);
  });
});
