// Regular expressions of JSON schemas: parsed, matched in bounded time, and turned into strings that they match.
// The engine's own matcher is never given a caller's pattern whole: some take it exponential time.
import { type Budget, Refused } from "./budget.ts";

export type Pattern =
  /** One character; `test` is a class of the engine's, safe on a single character. */
  | { readonly kind: "character"; readonly test: RegExp; readonly sample: string }
  | { readonly kind: "sequence"; readonly items: readonly Pattern[] }
  | { readonly kind: "choice"; readonly items: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly item: Pattern; readonly min: number; readonly max: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/** Longest count in braces that is taken. */
const longestRepeat = 1000;

/** Parses a pattern; refuses look-around, back-references and word boundaries. */
export function parsePattern(source: string): Pattern {
  const parser = { source, at: 0 };
  const pattern = parseChoice(parser);
  if (parser.at < source.length) throw new Refused(`the pattern ${source} has an unexpected "${source[parser.at]}"`);
  return pattern;
}

/** Whether a pattern matches anywhere in a text. Time by pattern length times text length, taken from the budget. */
export function matches(pattern: Pattern, text: string, budget: Budget): boolean {
  const characters = [...text];
  const anywhere = new Set(Array.from({ length: characters.length + 1 }, (_, at) => at));
  return advance(pattern, { characters, budget }, anywhere).size > 0;
}

/** A string that matches, where each repetition is made `more` times more often than it must be. */
export function sampleOf(pattern: Pattern, more: number, budget: Budget): string {
  budget.spend();
  switch (pattern.kind) {
    case "character":
      return pattern.sample;
    case "sequence":
      return pattern.items.map((item) => sampleOf(item, more, budget)).join("");
    case "choice": {
      const [first] = pattern.items;
      return first === undefined ? "" : sampleOf(first, more, budget);
    }
    case "repeat": {
      const times = Math.min(pattern.max, pattern.min + more);
      let text = "";
      for (let time = 0; time < times; time++) text += sampleOf(pattern.item, more, budget);
      return text;
    }
    default:
      return "";
  }
}

type Positions = ReadonlySet<number>;

interface Subject {
  readonly characters: readonly string[];
  readonly budget: Budget;
}

/** The positions after a match that starts at any of `from`. */
function advance(pattern: Pattern, subject: Subject, from: Positions): Positions {
  subject.budget.spend(1 + from.size);
  const { characters } = subject;
  switch (pattern.kind) {
    case "character":
      return new Set([...from].filter((at) => pattern.test.test(characters[at] ?? "")).map((at) => at + 1));
    case "start":
      return new Set([...from].filter((at) => at === 0));
    case "end":
      return new Set([...from].filter((at) => at === characters.length));
    case "sequence":
      return pattern.items.reduce((positions, item) => advance(item, subject, positions), from);
    case "choice":
      return new Set(pattern.items.flatMap((item) => [...advance(item, subject, from)]));
    case "repeat":
      return repeat(pattern, subject, from);
  }
}

function repeat(pattern: Extract<Pattern, { kind: "repeat" }>, subject: Subject, from: Positions): Positions {
  let positions = from;
  for (let time = 0; time < pattern.min && positions.size > 0; time++)
    positions = advance(pattern.item, subject, positions);
  const reached = new Set(positions);
  for (let time = pattern.min; time < pattern.max && positions.size > 0; time++) {
    positions = new Set([...advance(pattern.item, subject, positions)].filter((at) => !reached.has(at)));
    for (const at of positions) reached.add(at);
  }
  return reached;
}

interface Parser {
  readonly source: string;
  at: number;
}

function parseChoice(parser: Parser): Pattern {
  const items = [parseSequence(parser)];
  while (parser.source[parser.at] === "|") {
    parser.at++;
    items.push(parseSequence(parser));
  }
  const [only] = items;
  return items.length === 1 && only ? only : { kind: "choice", items };
}

function parseSequence(parser: Parser): Pattern {
  const items: Pattern[] = [];
  while (parser.at < parser.source.length && !"|)".includes(parser.source[parser.at] ?? "")) {
    items.push(parseRepeat(parser, parseAtom(parser)));
  }
  return { kind: "sequence", items };
}

function parseAtom(parser: Parser): Pattern {
  const { source } = parser;
  const start = source[parser.at];
  if (start === "^" || start === "$") {
    parser.at++;
    return { kind: start === "^" ? "start" : "end" };
  }
  if (start === "(") return parseGroup(parser);
  if (start === "[") return character(take(parser, /\[(?:\\.|[^\]\\])*\]/y), source);
  if (start === "\\") {
    if (/[1-9bBk]/.test(source[parser.at + 1] ?? "")) refuse(source, "back-references and word boundaries");
    return character(
      take(parser, /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[a-zA-Z]|.)/y),
      source,
    );
  }
  if (start !== undefined && "*+?{".includes(start)) refuse(source, `"${start}" with nothing to repeat`);
  return character(take(parser, /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/y), source);
}

function parseGroup(parser: Parser): Pattern {
  const opening = take(parser, /\((?:\?(?::|<[A-Za-z_$][\w$]*>)|(?!\?))/y);
  if (opening === "") refuse(parser.source, "look-around");
  const group = parseChoice(parser);
  if (parser.source[parser.at] !== ")") refuse(parser.source, "a group without an end");
  parser.at++;
  return group;
}

function parseRepeat(parser: Parser, item: Pattern): Pattern {
  const text = take(parser, /[*+?]|\{\d+(?:,\d*)?\}/y);
  if (text === "") return item;
  take(parser, /\?/y);
  if (text === "*") return { kind: "repeat", item, min: 0, max: longestRepeat };
  if (text === "+") return { kind: "repeat", item, min: 1, max: longestRepeat };
  if (text === "?") return { kind: "repeat", item, min: 0, max: 1 };
  const [least = "0", most] = text.slice(1, -1).split(",");
  const min = Number(least);
  const max = most === undefined ? min : most === "" ? longestRepeat : Number(most);
  if (min > max || min > longestRepeat) refuse(parser.source, text);
  return { kind: "repeat", item, min, max: Math.min(max, longestRepeat) };
}

/** What a sticky expression matches at the parser's place, which moves behind it; "" where it does not. */
function take(parser: Parser, expression: RegExp): string {
  expression.lastIndex = parser.at;
  const [text] = expression.exec(parser.source) ?? [""];
  parser.at += text.length;
  return text;
}

/** Characters that a class is tried on, the most readable first. */
const candidates = [
  ..."abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -_./:@#+,;!?'\"()[]{}<>=*&%$^|~`\\\t\nä中€",
];

/** One character of a class, an escape or a literal, given as its source. */
function character(text: string, source: string): Pattern {
  if (text === "") refuse(source, "an unfinished class or escape");
  let test: RegExp;
  try {
    test = new RegExp(`^(?:${/^[\\[.]/.test(text) ? text : escapeLiteral(text)})$`, "u");
  } catch {
    test = anyway(text, source);
  }
  const sample = candidates.find((candidate) => test.test(candidate)) ?? literal(text, test);
  if (sample === null) refuse(source, text);
  return { kind: "character", test, sample: sample ?? "" };
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");
}

/** Escapes that Unicode mode does not know (`\-`, `\_`): schemas are written for both modes. */
function anyway(text: string, source: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    return refuse(source, text);
  }
}

function literal(text: string, test: RegExp): string | null {
  const escaped = /^\\u\{?([0-9a-fA-F]+)\}?$|^\\x([0-9a-fA-F]{2})$/.exec(text);
  const code = escaped?.[1] ?? escaped?.[2];
  const sample = code === undefined ? text : String.fromCodePoint(Number.parseInt(code, 16));
  return test.test(sample) ? sample : null;
}

function refuse(source: string, what: string): never {
  throw new Refused(`the pattern ${source} is beyond the sandbox: ${what}`);
}
