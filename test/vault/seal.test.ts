// Seals: what can be read of a sealed content, and by whom.
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSealer } from "../../src/vault/seal.ts";

const purpose = "turnpike/test/1";
const master = randomBytes(32);
const content = Buffer.from("Meet me at noon. ".repeat(100));

describe("a sealed content", () => {
  const sealer = createSealer(master, purpose);

  it("is opened to what it was, also after a restart", () => {
    for (const bytes of [content, Buffer.alloc(0), randomBytes(3_000_000)]) {
      const opened = createSealer(master, purpose).open(sealer.seal(bytes, "resp_1"), "resp_1");
      expect(Buffer.compare(Buffer.from(opened), bytes)).toBe(0);
    }
  });

  it("shows nothing of itself, and is another one each time", () => {
    const [one, other] = [sealer.seal(content, "resp_1"), sealer.seal(content, "resp_1")].map((it) => Buffer.from(it));
    expect(one?.includes("noon")).toBe(false);
    expect(one?.subarray(1)).not.toEqual(other?.subarray(1));
    expect(one?.subarray(49, 81)).not.toEqual(other?.subarray(49, 81));
  });

  it("is opened for nothing else, for no other purpose and under no other master key", () => {
    const sealed = sealer.seal(content, "resp_1");
    expect(() => sealer.open(sealed, "resp_2")).toThrow();
    expect(() => createSealer(master, "turnpike/test/2").open(sealed, "resp_1")).toThrow();
    expect(() => createSealer(randomBytes(32), purpose).open(sealed, "resp_1")).toThrow();
  });

  it("is refused when any byte of it was changed or cut off", () => {
    const sealed = sealer.seal(Buffer.from("noon"), "resp_1");
    for (const at of sealed.keys()) {
      const spoiled = Uint8Array.from(sealed);
      spoiled[at] = (spoiled[at] ?? 0) ^ 1;
      expect(() => sealer.open(spoiled, "resp_1"), `byte ${at}`).toThrow();
      expect(() => sealer.open(sealed.subarray(0, at), "resp_1"), `length ${at}`).toThrow();
    }
  });
});
