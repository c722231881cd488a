// Counting, as the pipeline asks for it: tokens of what a provider did not report, without holding up other calls.
import type { Conversation } from "../../providers/dialects/conversation.ts";
import { countConversation } from "./estimate.ts";
import type { TokenCounter } from "./tokens.ts";

export interface Counting {
  /** Input tokens of a conversation. */
  input(conversation: Conversation): number | Promise<number>;
  /** Tokens of output text. */
  output(text: string): number | Promise<number>;
}

/** Counts where it stands, for runtimes without threads. */
export function countingHere(tokens: TokenCounter): Counting {
  return {
    input: (conversation) => countConversation(conversation, tokens),
    output: (text) => tokens.count(text),
  };
}
