// Codes by time, against the tables of the standards.
import { describe, expect, test } from "vitest";
import { codeOf, otpauthUrl, stepOf, toBase32 } from "../../src/signin/totp.ts";

const secret = Buffer.from("12345678901234567890");

describe("codes by time", () => {
  // RFC 6238, appendix B, the rows of SHA-1.
  test.each([
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
    [20_000_000_000, "65353130"],
  ])("at second %d are %s", (second, code) => {
    expect(codeOf(secret, Math.floor(second / 30), 8)).toBe(code);
    expect(stepOf(secret, code.slice(2), second * 1_000)).toBe(Math.floor(second / 30));
  });

  test("are taken one step early or late, and no further", () => {
    const at = 1_000 * 30_000;
    const taken = [-2, -1, 0, 1, 2].map((beside) => stepOf(secret, codeOf(secret, 1_000 + beside), at));
    expect(taken).toEqual([null, 999, 1_000, 1_001, null]);
  });

  test("have six digits", () => {
    for (const text of ["", "12345", "1234567", "12345a", "１２３４５６"]) expect(stepOf(secret, text, 0)).toBeNull();
  });
});

test("secrets are written as RFC 4648 writes them", () => {
  const table = { f: "MY", fo: "MZXQ", foo: "MZXW6", foob: "MZXW6YQ", fooba: "MZXW6YTB", foobar: "MZXW6YTBOI" };
  for (const [text, written] of Object.entries(table)) expect(toBase32(Buffer.from(text))).toBe(written);
});

test("apps are told whose secret it is", () => {
  const url = new URL(otpauthUrl("MZXW6", { issuer: "Turnpike", account: "Ann & Bob" }));
  expect(url.protocol + url.host).toBe("otpauth:totp");
  expect(decodeURIComponent(url.pathname)).toBe("/Turnpike:Ann & Bob");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({ secret: "MZXW6", issuer: "Turnpike", digits: "6" });
});
