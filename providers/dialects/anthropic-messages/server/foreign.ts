// Foreign: what is sound in a Messages API request, but has no form in any other dialect.
import type { Foreign } from "../../conversation.ts";

/** Collects it by its place in the client's body. A reason continues "`member` …". */
export interface ForeignList {
  /** The answer is still meaningful without it. */
  wish(member: string, reason: string): void;
  /** It is content: without it the answer would be to another question. */
  content(member: string, what: string): void;
  readonly all: readonly Foreign[];
}

export function noForeign(): ForeignList {
  const all: Foreign[] = [];
  return {
    wish: (member, reason) => void all.push({ member, reason, droppable: true }),
    content: (member, what) =>
      void all.push({ member, reason: `is ${what}, which only Anthropic models can be sent`, droppable: false }),
    all,
  };
}
