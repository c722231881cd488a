// What is taken out of a prompt or an answer before it is logged: secrets, and what tells who somebody is.

import type { Range } from "../observe/log-known.ts";
import { cover, secretsIn } from "../observe/log-scrub.ts";

type Redaction = "none" | "secrets" | "personal";

/** Texts that a person can be told by. Bounded: prompts are long. */
const patterns: readonly (readonly [RegExp, ((text: string) => boolean) | null])[] = [
  [/[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu, null],
  [/(?<![\w.])(?:\d[ -]?){12,18}\d(?![\w.])/g, isCardNumber],
  [/(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?!\w)/g, isIban],
  [/(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])/g, null],
  [/(?<![\w.])(?:\+|00)\d(?:[ ()./-]{0,2}\d){7,14}(?!\w)/g, null],
  [/(?<![\w.(])\(?0\d{1,4}\)?(?:[ ./-]\d{2,8}){1,4}(?![\w-])/g, null],
  [/(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])/g, null],
];

/**
 * A body of a request or an answer, whole or a stream's events, without what is to be taken out. What a stream says in several
 * events is looked at together: a name may be cut anywhere.
 */
export function redacted(body: string, redaction: Redaction): string {
  if (redaction === "none" || body === "") return body;
  const find = redaction === "secrets" ? secretsIn : (text: string) => [...secretsIn(text), ...personalIn(text)];
  const parsed = parse(body);
  if (parsed !== undefined) return JSON.stringify(covered([parsed], find)[0]);
  const lines = body.split("\n");
  const events = lines.map((line) => (line.startsWith("data:") ? parse(line.slice(5)) : undefined));
  if (events.every((event) => event === undefined)) return cover(body, find(body));
  const clean = covered(events, find);
  return lines
    .map((line, nth) => (events[nth] === undefined ? cover(line, find(line)) : `data: ${JSON.stringify(clean[nth])}`))
    .join("\n");
}

/** Where a text tells who somebody is. */
function personalIn(text: string): readonly Range[] {
  return patterns.flatMap(([pattern, isMeant]) =>
    Array.from(text.matchAll(pattern)).flatMap(({ index, 0: match }): Range[] =>
      isMeant === null || isMeant(match) ? [[index, index + match.length]] : [],
    ),
  );
}

interface Leaf {
  readonly text: string;
  readonly set: (text: string) => void;
}

/** The same values without what is found in their texts, those at one place of several values taken for one text. */
function covered(values: readonly unknown[], find: (text: string) => readonly Range[]): readonly unknown[] {
  const copies = structuredClone(values) as unknown[];
  const places = new Map<string, Leaf[]>();
  copies.forEach((value, nth) => {
    gather(
      value,
      "",
      (text) => {
        copies[nth] = text;
      },
      places,
    );
  });
  for (const leaves of places.values()) {
    const ranges = find(leaves.map(({ text }) => text).join(""));
    if (ranges.length === 0) continue;
    let at = 0;
    for (const { text, set } of leaves) {
      const from = at;
      at += text.length;
      const own = ranges
        .filter(([start, end]) => start < at && end > from)
        .map(([start, end]): Range => [Math.max(start - from, 0), Math.min(end - from, text.length)]);
      set(cover(text, own));
    }
  }
  return copies;
}

function gather(value: unknown, place: string, set: (text: string) => void, into: Map<string, Leaf[]>): void {
  if (typeof value === "string") {
    const leaves = into.get(place);
    if (leaves === undefined) into.set(place, [{ text: value, set }]);
    else leaves.push({ text: value, set });
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      const replace = (text: string): void => {
        (value as Record<string, unknown>)[name] = text;
      };
      gather(inner, `${place}/${name}`, replace, into);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** ISO/IEC 7812-1, annex B: every second digit from the right doubled. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  const sum = [...digits].toReversed().reduce((total, digit, nth) => {
    const value = Number(digit) * (nth % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0 && /[1-9]/.test(digits);
}

/** ISO 13616: the rest of the number, with its first four characters at its end, by 97 is 1. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(" ", "");
  const digits = (plain.slice(4) + plain.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return plain.length >= 15 && plain.length <= 34 && BigInt(digits) % 97n === 1n;
}
