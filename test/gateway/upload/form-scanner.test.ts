// The scanner of forms: the same parts wherever the body is cut, and no part in a body that is no form.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormScanner } from "../../../src/gateway/upload/form-scanner.ts";

interface Seen {
  readonly name: string;
  readonly isFile: boolean;
  content: string;
  /** What stands in the body where the scanner says that the content does. */
  place: string;
}

function scan(body: Buffer, cuts: readonly number[]): { readonly parts: readonly Seen[]; readonly over: boolean } {
  const parts: Seen[] = [];
  let start = 0;
  const scanner = new FormScanner("b", {
    onPart: ({ name, isFile, contentStart, delimiter }) => {
      expect(body.toString("latin1", delimiter, delimiter + 3)).toBe("--b");
      start = contentStart;
      parts.push({ name, isFile, content: "", place: "" });
    },
    onContent: (bytes) => {
      const part = parts.at(-1);
      if (part !== undefined) part.content += Buffer.from(bytes).toString("latin1");
    },
    onPartEnd: (end) => {
      const part = parts.at(-1);
      if (part !== undefined) part.place = body.toString("latin1", start, end);
    },
  });
  let at = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), body.length]) {
    scanner.push(body.subarray(at, cut));
    at = cut;
  }
  return { parts, over: scanner.over };
}

/** Contents that come near to a delimiter. */
const content = fc
  .array(fc.constantFrom("\r", "\n", "-", "b", "\r\n", "--b", "\r\n-", "\r\n--", "x", "\0", "ü"), { maxLength: 20 })
  .map((pieces) => Buffer.from(pieces.join("")).toString("latin1"))
  .filter((text) => !`\r\n${text}\r\n`.includes("\r\n--b"));

const form = fc.record({
  preamble: fc.constantFrom("", "\r\n", "Hello\r\n"),
  parts: fc.array(fc.record({ name: fc.constantFrom("model", "file", "a b"), isFile: fc.boolean(), content }), {
    maxLength: 4,
  }),
  epilogue: fc.constantFrom("", "\r\n", "\r\n--b\r\nx"),
});

describe("the scanner of forms", () => {
  test("finds the same parts wherever the body is cut", () => {
    fc.assert(
      fc.property(form, fc.array(fc.nat(400), { maxLength: 30 }), ({ preamble, parts, epilogue }, cuts) => {
        const text = parts.map(
          ({ name, isFile, content }) =>
            `--b\r\nContent-Disposition: form-data; name="${name}"${isFile ? '; filename="a"' : ""}\r\n\r\n${content}\r\n`,
        );
        const body = Buffer.from(`${preamble}${text.join("")}--b--${epilogue}`, "latin1");
        const seen = scan(
          body,
          cuts.map((cut) => Math.min(cut, body.length)),
        );
        expect(seen.over).toBe(true);
        expect(seen.parts).toEqual(parts.map((part) => ({ ...part, place: part.content })));
      }),
      { numRuns: 500 },
    );
  });

  test.each(["", "{}", "--b", "--b\r\ncontent-disposition: form-data; name=a\r\n\r\nx", "--c\r\n\r\n\r\n--c--"])(
    "is not over after %j",
    (body) => {
      expect(scan(Buffer.from(body), []).over).toBe(false);
    },
  );

  test("reads names in quotes or without, and knows a file by its name", () => {
    const heading = (text: string) => scan(Buffer.from(`--b\r\n${text}\r\n\r\nx\r\n--b--`), []).parts[0];
    expect(heading("content-type: a/b\r\nCONTENT-DISPOSITION: form-data; name=model")).toMatchObject({ name: "model" });
    expect(heading("content-disposition: form-data; filename*=utf-8''a; name=\"file\"")).toMatchObject({
      name: "file",
      isFile: true,
    });
  });

  test("gives up on headers that do not end", () => {
    const scanner = new FormScanner("b", { onPart: () => {}, onContent: () => {}, onPartEnd: () => {} });
    scanner.push(Buffer.from("--b\r\n"));
    expect(() => {
      for (let at = 0; at < 100; at++) scanner.push(Buffer.alloc(1024, "x"));
    }).toThrow("not complete");
  });
});
