// The documentation as checks read it: its pages, and what stands in them as code.
import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

export interface Page {
  /** Below the repository: `docs/keys.md`. */
  readonly path: string;
  readonly text: string;
}

export const pages: readonly Page[] = [
  ...["README.md", "CONTRIBUTING.md"],
  ...readdirSync(new URL("docs/", root))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(new URL(path, root), "utf8") }));

export function page(path: string): string {
  const found = pages.find((one) => one.path === path);
  if (found === undefined) throw new Error(`there is no page ${path}`);
  return found.text;
}

/** The part of a page below a heading, down to the next one of its level. */
export function section(text: string, heading: string): string {
  const from = text.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`there is no heading ${heading}`);
  const below = text.slice(from + heading.length + 2);
  const end = below.search(new RegExp(`^${heading.split(" ")[0]} `, "m"));
  return end < 0 ? below : below.slice(0, end);
}

/** What stands between backticks, and each command of a block of code, with its continued lines. */
export function codeOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^ *```[^\n]*\n(.*?)^ *```$/gms)].map(([, code = ""]) => code);
  const lines = blocks.flatMap((code) => code.replaceAll(/ *\\\n\s*/g, " ").split("\n"));
  const prose = text.replaceAll(/^ *```[^\n]*\n.*?^ *```$/gms, "");
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...spans, ...lines];
}

/** A call of an endpoint as pages write it: `GET /keys/{id}`. */
export interface Named {
  readonly method: string;
  readonly path: string;
}

const methods = "GET|POST|PUT|PATCH|DELETE";
const call = new RegExp(`^(${methods})(?: (/[^\\s?]*).*)?$`);

/** The endpoints that are named in code: `GET` and `DELETE /x` are two, as are `POST /keys/{id}/suspend`, `/resume`. */
export function endpointsIn(text: string): readonly Named[] {
  const named: Named[] = [];
  let waiting: string[] = [];
  let end = 0;
  for (const { 0: whole, 1: span = whole, index } of text.matchAll(
    /`([^`\n]+)`|^(?:GET|POST|PUT|PATCH|DELETE) .*$/gm,
  )) {
    const goesOn = /^,? ?(and )?$/.test(text.slice(end, index));
    if (!goesOn) waiting = [];
    const [, method, path] = call.exec(span) ?? [];
    const before = named.at(-1);
    if (method !== undefined && path === undefined) waiting.push(method);
    else if (method !== undefined && path !== undefined) {
      for (const one of [...waiting, method]) named.push({ method: one, path });
      waiting = [];
    } else if (goesOn && before !== undefined && /^\/[a-z]/.test(span)) {
      named.push({ method: before.method, path: span.includes("/", 1) ? span : siblingOf(before.path, span) });
    } else continue;
    end = index + whole.length;
  }
  return named;
}

/** `/keys/{id}/resume`, of `/keys/{id}/suspend` and `/resume`. */
function siblingOf(path: string, last: string): string {
  return path.includes("/", 1) ? path.replace(/\/[^/]*$/, last) : last;
}
