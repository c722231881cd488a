// The last look at a line before it is written: whatever has got into it by mistake, secrets don't get out.
import { type KnownSecrets, knownSecrets, type Range } from "./log-known.ts";
import { namesSecret, redacted, shapesIn } from "./log-shapes.ts";

/** Beyond it a text in a line is cut: no line is worth more of the time of those who wait. */
const mostCharacters = 32_768;
/** No shorter text is a secret by itself. */
const shortest = 8;
/** Encodings inside encodings that are looked into. */
const mostLayers = 2;
const base64Runs = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const escapedRuns = /[^\s"'<>]*%[0-9A-Fa-f]{2}[^\s"'<>]*/g;
const tokenCharacter = /[A-Za-z0-9+/_-]/;

/**
 * A line of the log without secrets. One of JSON stays one; what stands in several of its members is looked at together, so
 * that a secret can't be told in two halves.
 */
export function scrubLine(line: string, known: KnownSecrets = knownSecrets): string {
  const end = line.endsWith("\n") ? "\n" : "";
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return scrubText(line.slice(0, line.length - end.length), known) + end;
  }
  return JSON.stringify(scrubValue(parsed, known)) + end;
}

/** A text without secrets. */
export function scrubText(text: string, known: KnownSecrets = knownSecrets): string {
  const shown = cut(text);
  return cover(shown, secretsIn(shown, known));
}

/** A value of JSON without secrets, in its members' names as in their values. */
export function scrubValue(value: unknown, known: KnownSecrets = knownSecrets): unknown {
  const texts: string[] = [];
  gather(value, texts);
  const shown = texts.map(cut);
  const whole = shown.join("");
  const across = known.find(whole);
  let at = 0;
  const clean = shown.map((text) => {
    const [from, to] = [at, at + text.length];
    at = to;
    const own = across
      .filter(([start, end]) => start < to && end > from)
      .map(([start, end]): Range => [Math.max(start, from) - from, Math.min(end, to) - from]);
    return cover(text, [...widened(text, own), ...secretsIn(text, known)]);
  });
  let nth = 0;
  return rebuilt(value, () => clean[nth++] ?? redacted);
}

/** Where secrets stand in a text: known ones, and what looks like one. */
export function secretsIn(text: string, known: KnownSecrets = knownSecrets, layer = 0): readonly Range[] {
  if (text.length < shortest) return [];
  const found: Range[] = [...widened(text, known.find(text)), ...shapesIn(text)];
  if (layer === mostLayers) return found;
  for (const { index, 0: run } of text.matchAll(base64Runs)) {
    if (hidesInBase64(run, known, layer + 1)) found.push([index, index + run.length]);
  }
  if (!text.includes("%")) return found;
  for (const { index, 0: run } of text.matchAll(escapedRuns)) {
    const plain = run.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (secretsIn(plain, known, layer + 1).length > 0) found.push([index, index + run.length]);
  }
  return found;
}

/** Where the encoded text begins is not known: a path may stand before it. What is no text hides no text. */
function hidesInBase64(run: string, known: KnownSecrets, layer: number): boolean {
  return [0, 1, 2, 3].some((from) => {
    const decoded = Buffer.from(run.slice(from), "base64").toString("latin1");
    return isText(decoded) && secretsIn(decoded, known, layer).length > 0;
  });
}

/** Whether three of four characters are visible ones of ASCII; of random bytes it is one of three. */
function isText(decoded: string): boolean {
  let visible = 0;
  for (let index = 0; index < decoded.length; index++) {
    const code = decoded.charCodeAt(index);
    if ((code >= 32 && code < 127) || code === 10) visible++;
  }
  return visible * 4 >= decoded.length * 3;
}

/** What a piece of a secret stands in is covered as a whole. */
function widened(text: string, ranges: readonly Range[]): readonly Range[] {
  return ranges.map(([start, end]) => {
    let [from, to] = [start, end];
    while (from > 0 && tokenCharacter.test(text.charAt(from - 1))) from--;
    while (to < text.length && tokenCharacter.test(text.charAt(to))) to++;
    return [from, to];
  });
}

/** A text in which something stands in the place of these ranges. */
export function cover(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  let shown = "";
  let at = 0;
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (from > at || (from === at && shown === "")) shown += text.slice(at, from) + redacted;
    else if (to > at && !shown.endsWith(redacted)) shown += redacted;
    at = Math.max(at, to);
  }
  return shown + text.slice(at);
}

function cut(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters).replace(/\S{0,256}$/, "")}…`;
}

/** The texts of a value in the order in which it is written, names of members among them. */
function gather(value: unknown, into: string[]): void {
  if (typeof value === "string") into.push(value);
  else if (Array.isArray(value)) for (const one of value) gather(one, into);
  else if (typeof value === "object" && value !== null) {
    // Values first: a name between them would hide that they belong together.
    for (const inner of Object.values(value)) gather(inner, into);
    into.push(...Object.keys(value));
  }
}

/** The same value of other texts, which are taken in the order of `gather`. */
function rebuilt(value: unknown, next: () => string): unknown {
  if (typeof value === "string") return next();
  if (Array.isArray(value)) return value.map((one) => rebuilt(one, next));
  if (typeof value !== "object" || value === null) return value;
  const values = Object.values(value).map((inner) => rebuilt(inner, next));
  return Object.fromEntries(
    Object.keys(value).map((name, nth) => [next(), namesSecret(name) && values[nth] !== null ? redacted : values[nth]]),
  );
}
