// A conversation with nothing asked but what a test sets.
import type { Conversation, FunctionTool, Message } from "../../../../providers/dialects/conversation.ts";
import type { Encoded, ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";

const nothing: Conversation = {
  messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  output: { kind: "text" },
  maxOutputTokens: null,
  stop: [],
  temperature: null,
  topP: null,
  topK: null,
  seed: null,
  presencePenalty: null,
  frequencyPenalty: null,
  logitBias: null,
  logprobs: null,
  choices: null,
  reasoning: null,
  verbosity: null,
  modalities: null,
  audioOutput: null,
  user: null,
  serviceTier: null,
  stream: false,
  extras: {},
};

export function conversation(asked: Partial<Conversation>): Conversation {
  return { ...nothing, ...asked };
}

/** The conversation encoded for a model. */
export function encoded(asked: Partial<Conversation>, model = "gemini-2.5-flash", traits: ModelTraits = {}): Encoded {
  return gemini.encode(conversation(asked), { providerId: "google", model, traits });
}

/** The contents that messages become. */
export function contentsOf(messages: readonly Message[], model?: string): unknown {
  return encoded({ messages }, model).body.contents;
}

export function user(text: string): Message {
  return { role: "user", content: [{ type: "text", text }] };
}

export function system(text: string): Message {
  return { role: "system", content: [{ type: "text", text }] };
}

export function assistant(...content: Extract<Message, { role: "assistant" }>["content"]): Message {
  return { role: "assistant", content };
}

export function tool(toolCallId: string, text: string): Message {
  return { role: "tool", toolCallId, content: [{ type: "text", text }] };
}

/** A function tool with these parameters. */
export function functionTool(name: string, parameters: FunctionTool["parameters"] = null): FunctionTool {
  return { name, description: `Does ${name}.`, parameters, strict: null };
}
