// The digest that stands in the database for a key.
import { createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createDigest, sameDigest } from "../../src/keys/digest.ts";
import { newId } from "../../src/keys/id.ts";

const masterKey = new Uint8Array(32).fill(7);

describe("a key's digest", () => {
  it("is HMAC-SHA-256 under a pepper that HKDF derives from the master key", () => {
    const pepper = Buffer.from(hkdfSync("sha256", masterKey, "", "turnpike/key-digest/1", 32));
    expect(createDigest(masterKey)("tp_live_x")).toBe(createHmac("sha256", pepper).update("tp_live_x").digest("hex"));
  });

  it("stays the same for a key and differs for another key or another master key", () => {
    const digest = createDigest(masterKey);
    expect(digest("a")).toBe(createDigest(masterKey)("a"));
    expect(digest("a")).not.toBe(digest("b"));
    expect(digest("a")).not.toBe(createDigest(new Uint8Array(32).fill(8))("a"));
  });

  it("is compared whole", () => {
    expect(sameDigest("abc", "abc")).toBe(true);
    expect(sameDigest("abc", "abd")).toBe(false);
    expect(sameDigest("abc", "ab")).toBe(false);
  });
});

describe("an id", () => {
  it("sorts by the time it was made and is never made twice", () => {
    const ids = [0, 1, 31, 32, Date.UTC(2026, 0), Date.UTC(2999, 0)].map((atMs) => newId("key", atMs));
    expect(ids).toEqual(ids.toSorted());
    for (const id of ids) expect(id).toMatch(/^key_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(new Set(Array.from({ length: 10_000 }, () => newId("key", 5))).size).toBe(10_000);
  });
});
