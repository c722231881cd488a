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

/** Characters of a text that are looked through at once, and how far back: nothing that is taken out is longer. */
const window = 16_384;
const overlap = 4_096;
/** Others have their turn after so long, milliseconds. */
const turnMs = 2;

/**
 * A body of a request or an answer, whole or a stream's events, without what is to be taken out. What a stream says in several
 * events is looked at together: a name may be cut anywhere. Half a megabyte takes up to half a second, during which others go on.
 */
export async function redacted(body: string, redaction: Redaction): Promise<string> {
  if (redaction === "none" || body === "") return body;
  const find = createFinder(redaction === "secrets" ? [secretsIn] : [secretsIn, personalIn]);
  const parsed = parse(body);
  if (parsed !== undefined) return JSON.stringify((await covered([parsed], find))[0]);
  const lines = body.split("\n");
  const events = lines.map((line) => (line.startsWith("data:") ? parse(line.slice(5)) : undefined));
  if (events.every((event) => event === undefined)) return cover(body, await find(body));
  const clean = await covered(events, find);
  const shown: string[] = [];
  for (const [nth, line] of lines.entries()) {
    shown.push(events[nth] === undefined ? cover(line, await find(line)) : `data: ${JSON.stringify(clean[nth])}`);
  }
  return shown.join("\n");
}

type Find = (text: string) => readonly Range[] | Promise<readonly Range[]>;

/** Finds where texts hold what is to be taken out, window by window, and lets others have their turn between them. */
function createFinder(kinds: readonly ((text: string) => readonly Range[])[]): Find {
  let turnEndsAt = performance.now() + turnMs;
  const look = (text: string): readonly Range[] => kinds.flatMap((rangesIn) => rangesIn(text));

  async function lookByWindows(text: string): Promise<readonly Range[]> {
    const found: Range[] = [];
    for (let at = 0; at < text.length; at += window) {
      if (performance.now() > turnEndsAt) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        turnEndsAt = performance.now() + turnMs;
      }
      const from = Math.max(0, at - overlap);
      for (const [start, end] of look(text.slice(from, at + window))) found.push([from + start, from + end]);
    }
    return found;
  }

  return (text) => (performance.now() <= turnEndsAt && text.length <= window ? look(text) : lookByWindows(text));
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

/** These values, changed so that nothing is found in their texts, those at one place of several values taken for one text. */
async function covered(values: readonly unknown[], find: Find): Promise<readonly unknown[]> {
  const copies = [...values];
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
    const ranges = merged(await find(leaves.map(({ text }) => text).join("")));
    let at = 0;
    let nth = 0;
    for (const { text, set } of leaves) {
      const from = at;
      at += text.length;
      const own: Range[] = [];
      for (let range = ranges[nth]; range !== undefined && range[0] < at; range = ranges[nth]) {
        const [start, end] = range;
        if (end > from) own.push([Math.max(start - from, 0), Math.min(end - from, text.length)]);
        // The next text may hold the rest of it.
        if (end > at) break;
        nth++;
      }
      if (own.length > 0) set(cover(text, own));
    }
  }
  return copies;
}

/** The same places, in their order, none in another one. */
function merged(ranges: readonly Range[]): readonly Range[] {
  const apart: Range[] = [];
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = apart.at(-1);
    if (last === undefined || start > last[1]) apart.push([start, end]);
    else apart[apart.length - 1] = [last[0], Math.max(last[1], end)];
  }
  return apart;
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
