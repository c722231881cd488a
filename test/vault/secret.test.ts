import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Secret } from "../../src/vault/secret.ts";

describe("a secret", () => {
  const secret = new Secret("AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

  test("shows itself to nobody who prints, serialises or concatenates it", () => {
    const shown = [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ nested: [secret] }),
      String(secret),
    ];
    for (const text of shown) {
      expect(text).toContain("[secret]");
      expect(text).not.toContain("AKIA");
    }
  });

  test("is taken out of a text whole and in parts", () => {
    expect(secret.scrub(`a ${secret.reveal()} b`)).toBe("a [secret] b");
    expect(secret.scrub("the key AKIAIOSFODNN7EXAMPLE is unknown")).toBe("the key [secret] is unknown");
  });

  test("that is too short to be one leaves texts alone", () => {
    expect(new Secret("none").scrub("there is none")).toBe("there is none");
  });
});
