// Conversations of tests: one with nothing asked, and what may stand in it.
import type {
  AssistantPart,
  CacheMarker,
  Conversation,
  FunctionTool,
  Message,
} from "../../../providers/dialects/conversation.ts";
import type { ModelTraits, Target } from "../../../providers/dialects/dialect.ts";

/** A conversation in which the client said nothing but what `over` says. */
export function conversation(over: Partial<Conversation> = {}): Conversation {
  return {
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
    ...over,
  };
}

export function target(model: string, traits: ModelTraits = {}): Target {
  return { providerId: "anthropic", model, traits };
}

export const user = (text: string, cache?: CacheMarker): Message => ({
  role: "user",
  content: [{ type: "text", text, ...(cache && { cache }) }],
});

export const assistant = (...content: readonly AssistantPart[]): Message => ({ role: "assistant", content });

export const call = (id: string, name = "look", args = "{}"): AssistantPart => ({
  type: "tool-call",
  id,
  name,
  arguments: args,
});

export const result = (toolCallId: string, text = "found"): Message => ({
  role: "tool",
  toolCallId,
  content: [{ type: "text", text }],
});

export const tool = (name: string, over: Partial<FunctionTool> = {}): FunctionTool => ({
  name,
  description: null,
  parameters: null,
  strict: null,
  ...over,
});
