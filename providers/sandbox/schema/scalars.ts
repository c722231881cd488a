// Strings and numbers that a schema's limits allow.
import { Refused } from "./budget.ts";
import type { Maker, Place } from "./maker.ts";
import { type Pattern, sampleOf } from "./pattern.ts";
import { numeric, type SchemaObject } from "./schema.ts";
import { patternOf } from "./valid.ts";

/** The longest string that is made to please a `minLength`. */
const longest = 10_000;

/** Strings for a schema: of its format, of its pattern, or one that names the place, cut or filled to its length. */
export function* strings(schema: SchemaObject, { name, sibling }: Place, maker: Maker): Generator<string> {
  const min = numeric(schema.minLength) ?? 0;
  const max = numeric(schema.maxLength) ?? Number.POSITIVE_INFINITY;
  if (min > longest) throw new Refused(`minLength ${min} is more than the sandbox makes (${longest})`);
  if (typeof schema.pattern === "string") {
    yield* matching(patternOf(schema.pattern, maker), { min, max, sibling }, maker);
    return;
  }
  if (typeof schema.format === "string") {
    const sample = formats[schema.format]?.(sibling);
    if (sample !== undefined) yield sample;
  }
  yield fitted(`sandbox ${name}`, { min, max, suffix: sibling === 0 ? "" : ` ${sibling + 1}` });
}

/** Strings of growing length that match a pattern, as many as the lengths that it is asked for could need. */
function* matching(
  pattern: Pattern,
  { min, max, sibling }: { readonly min: number; readonly max: number; readonly sibling: number },
  maker: Maker,
): Generator<string> {
  const enough = Math.min(Math.max(min, 8) + sibling, 1000);
  for (let more = sibling; more <= enough; more++) {
    const sample = sampleOf(pattern, more, maker.budget);
    yield sample;
    if (sample.length < min) yield fitted(sample, { min, max, suffix: "" });
    if (sample.length > max) return;
  }
}

/** A text with its suffix, filled up to `min` or cut to `max`; the suffix, which tells siblings apart, is kept. */
function fitted(
  text: string,
  { min, max, suffix }: { readonly min: number; readonly max: number; readonly suffix: string },
): string {
  const characters = [...text, ...suffix];
  while (characters.length < min) characters.push("x");
  if (characters.length <= max) return characters.join("");
  const end = [...suffix.trim()].slice(0, Math.max(max, 0));
  return [...characters.slice(0, Math.max(max - end.length, 0)), ...end].join("");
}

/** Samples of the formats that JSON Schema and OpenAI's structured outputs know; a sibling's differ. */
const formats: Readonly<Record<string, (sibling: number) => string>> = {
  "date-time": (sibling) => `2025-01-01T00:00:${digits(sibling % 60, 2)}Z`,
  date: (sibling) => `2025-01-${digits((sibling % 28) + 1, 2)}`,
  time: (sibling) => `00:00:${digits(sibling % 60, 2)}Z`,
  duration: (sibling) => `P${sibling + 1}D`,
  email: (sibling) => `sandbox${sibling + 1}@example.com`,
  hostname: (sibling) => `sandbox${sibling + 1}.example.com`,
  ipv4: (sibling) => `192.0.2.${(sibling % 254) + 1}`,
  ipv6: (sibling) => `2001:db8::${(sibling + 1).toString(16)}`,
  uuid: (sibling) => `00000000-0000-4000-8000-${digits(sibling + 1, 12)}`,
  uri: (sibling) => `https://example.com/sandbox/${sibling + 1}`,
  "uri-reference": (sibling) => `/sandbox/${sibling + 1}`,
  "json-pointer": (sibling) => `/sandbox/${sibling + 1}`,
  regex: () => "^sandbox$",
};

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

/** Numbers within a schema's limits: a small one where that is allowed, else near a limit. */
export function* numbers(
  schema: SchemaObject,
  { sibling }: Place,
  { integer }: { readonly integer: boolean },
): Generator<number> {
  const least = Math.max(numeric(schema.minimum) ?? -Infinity, numeric(schema.exclusiveMinimum) ?? -Infinity);
  const most = Math.min(numeric(schema.maximum) ?? Infinity, numeric(schema.exclusiveMaximum) ?? Infinity);
  const step = numeric(schema.multipleOf) ?? (integer ? 1 : null);
  const start = Number.isFinite(least) ? Math.max(least, Math.min(1, most)) : Math.min(1, most);
  if (step !== null && step > 0) {
    const whole = integer && !Number.isInteger(step) ? smallestWholeMultiple(step) : step;
    const first = Math.ceil(start / whole);
    for (const at of [0, 1, -1, 2, -2]) yield multiple(first + sibling + at, whole);
    for (const at of [0, 1, -1]) yield multiple(Math.floor(most / whole) + at, whole);
    return;
  }
  yield start + sibling;
  yield start;
  if (Number.isFinite(least) && Number.isFinite(most)) {
    yield least + (most - least) / (sibling + 2);
    yield most;
  }
  yield start + (sibling + 1) / 2;
  yield start - (sibling + 1) / 2;
}

/** `count × step` without the dirt that 3 × 0.1 has in binary. */
function multiple(count: number, step: number): number {
  return Number((count * step).toPrecision(12));
}

/** The least whole number that is a multiple of a fraction, so far as small factors go. */
function smallestWholeMultiple(step: number): number {
  for (let factor = 1; factor <= 10_000; factor++) {
    const product = multiple(factor, step);
    if (Number.isInteger(product)) return product;
  }
  return step;
}
