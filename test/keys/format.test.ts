// What a key looks like, and that no small mistake in copying one goes unnoticed.
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alphabet, randomBase62, toBase62 } from "../../src/keys/base62.ts";
import { crc32 } from "../../src/keys/crc32.ts";
import { generateAdminKey, generateKey, hintOf, parseKey } from "../../src/keys/format.ts";

const secret = generateKey("live");

describe("a customer's key", () => {
  it.each(["live", "test", "dev"] as const)(
    "of %s says so and is 43 random characters and 6 of checksum",
    (environment) => {
      const key = generateKey(environment);
      expect(key).toMatch(new RegExp(`^tp_${environment}_[0-9A-Za-z]{49}$`));
      expect(parseKey(key)).toEqual({ kind: "customer", environment });
    },
  );

  it("is never made twice", () => {
    const keys = new Set(Array.from({ length: 100_000 }, () => generateKey("live")));
    expect(keys.size).toBe(100_000);
  });

  it("ends in the base62 CRC-32 of everything before, as scanners compute it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), () => {
        const key = generateKey("live");
        expect(key.slice(-6)).toBe(toBase62(zlibCrc32(key.slice(0, -6)), 6));
      }),
    );
  });

  it("with any one character changed is no key", () => {
    for (let index = 0; index < secret.length; index++) {
      for (const character of `${alphabet}_-é`) {
        if (character === secret[index]) continue;
        expect(parseKey(secret.slice(0, index) + character + secret.slice(index + 1))).toBeNull();
      }
    }
  });

  it("with any two neighbours swapped is no key", () => {
    fc.assert(
      fc.property(fc.nat({ max: secret.length - 2 }), (index) => {
        const key = generateKey("test");
        const [one, other] = [key.charAt(index), key.charAt(index + 1)];
        fc.pre(one !== other);
        expect(parseKey(key.slice(0, index) + other + one + key.slice(index + 2))).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it("cut short, lengthened, or wrapped in white space is no key", () => {
    for (let length = 0; length < secret.length; length++) expect(parseKey(secret.slice(0, length))).toBeNull();
    for (const text of [`${secret}a`, ` ${secret}`, `${secret}\n`, secret.repeat(1000), secret.toUpperCase()]) {
      expect(parseKey(text)).toBeNull();
    }
  });

  it("is shown as its beginning and its end only", () => {
    expect(hintOf(secret)).toBe(`${secret.slice(0, 12)}…${secret.slice(-4)}`);
    expect(hintOf(generateAdminKey())).toMatch(/^tp_admin_[0-9A-Za-z]{4}…[0-9A-Za-z]{4}$/);
  });
});

describe("an administrator's key", () => {
  it("is told from a customer's by its look", () => {
    expect(generateAdminKey()).toMatch(/^tp_admin_[0-9A-Za-z]{49}$/);
    expect(parseKey(generateAdminKey())).toEqual({ kind: "admin" });
  });
});

describe("randomness", () => {
  it("favours no character", () => {
    const counts = new Map<string, number>();
    const text = Array.from({ length: 62 }, () => randomBase62(10_000)).join("");
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    let chiSquare = 0;
    for (const character of alphabet) chiSquare += ((counts.get(character) ?? 0) - 10_000) ** 2 / 10_000;
    // 61 degrees of freedom: above 137 by chance once in ten million runs. A modulo bias gives over 1,500.
    expect(chiSquare).toBeLessThan(137);
  });

  it("gives exactly as many characters as asked", () => {
    for (const length of [0, 1, 43, 100]) expect(randomBase62(length)).toHaveLength(length);
  });
});

describe("CRC-32", () => {
  it("is zlib's", () => {
    expect(crc32("123456789")).toBe(0xcbf43926);
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        expect(crc32(text)).toBe(zlibCrc32(text));
      }),
    );
  });
});
