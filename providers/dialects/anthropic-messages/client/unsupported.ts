// How an encoder reports what the Messages API can't take.
import type { Unsupported } from "../../dialect.ts";
import { hintLost } from "../../hints.ts";

/** Collects what is left out while a request is built. A reason continues "`member` …". */
export interface Losses {
  /** The answer is still meaningful without it. */
  drop(member: string, reason: string): void;
  /** It is content: without it the answer would be to another question. */
  refuse(member: string, reason: string): void;
  /** No answer depends on it. */
  hint(member: string, reason: string): void;
  /** Null is no loss. */
  add(loss: Unsupported | null): void;
  readonly list: readonly Unsupported[];
}

export function noLosses(): Losses {
  const list: Unsupported[] = [];
  return {
    drop: (member, reason) => void list.push({ member, reason, droppable: true }),
    refuse: (member, reason) => void list.push({ member, reason, droppable: false }),
    hint: (member, reason) => void list.push(hintLost(member, reason)),
    add: (loss) => void (loss !== null && list.push(loss)),
    list,
  };
}
