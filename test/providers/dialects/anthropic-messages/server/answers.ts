// A client that adds a stream of the Messages API up, and gives the blocks back.
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { AssistantPart } from "../../../../../providers/dialects/conversation.ts";
import { checkOrder } from "./order.ts";

/** Adds a stream up as the SDK does (`lib/MessageStream`, `accumulateMessage`), with strict JSON for inputs. */
export function contentOf(stream: string): readonly unknown[] {
  const blocks: Record<string, unknown>[] = [];
  const inputs: string[] = [];
  for (const event of checkOrder(stream)) {
    const block = blocks[event.index ?? -1];
    if (event.type === "content_block_start") blocks.push({ ...event.content_block });
    if (event.type !== "content_block_delta" || block === undefined || event.delta === undefined) continue;
    const { delta } = event;
    switch (delta.type) {
      case "text_delta":
        block.text = String(block.text) + delta.text;
        break;
      case "thinking_delta":
        block.thinking = String(block.thinking) + delta.thinking;
        break;
      case "signature_delta":
        block.signature = delta.signature;
        break;
      case "citations_delta":
        block.citations = [...((block.citations ?? []) as unknown[]), delta.citation];
        break;
      case "input_json_delta": {
        const at = event.index ?? 0;
        inputs[at] = (inputs[at] ?? "") + delta.partial_json;
      }
    }
  }
  return blocks.map((block, at) => {
    const input = inputs[at];
    return input === undefined ? block : { ...block, input: JSON.parse(input) };
  });
}

/** The parts that Turnpike reads when a client gives these blocks back in the next request. */
export function echoed(content: readonly unknown[]): readonly AssistantPart[] {
  const body = {
    model: "m",
    max_tokens: 100,
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: JSON.parse(JSON.stringify(content)) },
      { role: "user", content: "Go on" },
    ],
  };
  const conversation = anthropicMessagesServer.read(body);
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  if (conversation.foreign !== undefined) throw new Error(`foreign: ${JSON.stringify(conversation.foreign)}`);
  const answer = conversation.messages.find(({ role }) => role === "assistant");
  return answer?.role === "assistant" ? answer.content : [];
}
