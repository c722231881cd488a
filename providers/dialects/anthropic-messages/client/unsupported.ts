// How an encoder reports what the Messages API can't take.
import type { Unsupported } from "../../dialect.ts";

/** Collects what is left out while a request is built. A reason continues "`member` …". */
export interface Losses {
  /** The answer is still meaningful without it. */
  drop(member: string, reason: string): void;
  /** It is content: without it the answer would be to another question. */
  refuse(member: string, reason: string): void;
  readonly list: readonly Unsupported[];
}

export function noLosses(): Losses {
  const list: Unsupported[] = [];
  return {
    drop: (member, reason) => void list.push({ member, reason, droppable: true }),
    refuse: (member, reason) => void list.push({ member, reason, droppable: false }),
    list,
  };
}
