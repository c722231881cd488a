// The configuration file as a document: what it holds, and on which line a member of it stands.
import { type Document, LineCounter, parseDocument } from "yaml";

export interface FileDocument {
  readonly value: unknown;
  /** Why it is no YAML; empty when it is. */
  readonly errors: readonly string[];
  /** Words about a member, with its line and its path before them. */
  problem(path: readonly PropertyKey[], message: string): string;
}

export function readDocument(text: string): FileDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const errors = document.errors.map(({ message }) => message.split("\n")[0] ?? message);
  return {
    value: errors.length > 0 ? null : (document.toJS() ?? {}),
    errors,
    problem: (path, message) =>
      `line ${lineOf(document, lines, path)}: ${path.length > 0 ? `\`${shown(path)}\`: ` : ""}${message}`,
  };
}

/** The line of a member, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      | { readonly range?: readonly number[] }
      | null
      | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

function shown(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${String(part)}`))
    .join("");
}
