// One small conversation for everything that a request can ask, each asking one thing more than `plain`.
import type { Conversation, Message, UserPart } from "../../providers/dialects/conversation.ts";
import { conversation } from "../support/neutral/conversations.ts";

export interface Probe {
  readonly group: "Messages" | "Tools" | "Parameters";
  /** What is asked, as the document names it. */
  readonly asks: string;
  readonly conversation: Conversation;
  /** A value that shows where the thing stands in a provider's body; without it the change of the body does. */
  readonly marker?: string;
}

const hello: Message = { role: "user", content: [{ type: "text", text: "Hello" }] };

export const plain = conversation();

const thinking = { effort: null, budgetTokens: null, includeText: null };
const data = "cHJvYmU=";
const tool = { name: "look", description: null, parameters: { type: "object" }, strict: null } as const;
const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };

function messages(asks: string, marker: string, all: readonly Message[]): Probe {
  const calls = all.some(({ role }) => role === "tool");
  return {
    group: "Messages",
    asks,
    marker,
    conversation: { ...plain, messages: all, tools: calls ? [tool] : [] },
  };
}

function part(asks: string, one: UserPart, marker: string = data): Probe {
  return messages(asks, marker, [{ role: "user", content: [{ type: "text", text: "Look" }, one] }]);
}

function turn(asks: string, marker: string, content: Extract<Message, { role: "assistant" }>["content"]): Probe {
  const asked = messages(asks, marker, [hello, { role: "assistant", content }, hello]);
  // Some take reasoning back only while they reason.
  return { ...asked, conversation: { ...asked.conversation, reasoning: { ...thinking, budgetTokens: 2048 } } };
}

function result(asks: string, marker: string, told: Partial<Extract<Message, { role: "tool" }>>): Probe {
  const call = { type: "tool-call", id: "call_1", name: "look", arguments: '{"a":"asked"}' } as const;
  return messages(asks, marker, [
    hello,
    { role: "assistant", content: [call] },
    { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "told" }], ...told },
  ]);
}

function tools(asks: string, more: Partial<Conversation>): Probe {
  return { group: "Tools", asks, conversation: { ...plain, tools: [tool], ...more } };
}

function parameter(asks: string, more: Partial<Conversation>): Probe {
  return { group: "Parameters", asks, conversation: { ...plain, ...more } };
}

export const probes: readonly Probe[] = [
  messages("system prompt", "probe", [{ role: "system", content: [{ type: "text", text: "probe" }] }, hello]),
  messages("developer prompt", "probe", [{ role: "developer", content: [{ type: "text", text: "probe" }] }, hello]),
  messages("system prompt later on", "probe", [
    hello,
    { role: "assistant", content: [{ type: "text", text: "Hi" }] },
    { role: "system", content: [{ type: "text", text: "probe" }] },
    hello,
  ]),
  messages("name of a speaker", "probe", [{ ...hello, name: "probe" }]),
  part("image, bytes", { type: "image", source: { kind: "base64", mediaType: "image/png", data } }),
  part(
    "image, URL",
    { type: "image", source: { kind: "url", url: "https://example.com/a.png", mediaType: null } },
    "https://example.com/a.png",
  ),
  part(
    "image, detail",
    { type: "image", source: { kind: "base64", mediaType: "image/png", data }, detail: "low" },
    "low",
  ),
  part("PDF, bytes", {
    type: "file",
    source: { kind: "base64", mediaType: "application/pdf", data },
    filename: "a.pdf",
  }),
  part(
    "PDF, URL",
    {
      type: "file",
      source: { kind: "url", url: "https://example.com/a.pdf", mediaType: "application/pdf" },
      filename: "a.pdf",
    },
    "https://example.com/a.pdf",
  ),
  part("file, id", { type: "file", source: { kind: "file-id", id: "file_probe" }, filename: null }, "file_probe"),
  part("sound", { type: "audio", data, format: "wav" }),
  turn("earlier answer", "probe", [{ type: "text", text: "probe" }]),
  turn("earlier refusal", "probe", [{ type: "refusal", text: "probe" }]),
  turn("earlier reasoning, signed by Anthropic", "EpUJprobe", [
    { type: "reasoning", text: "thought", signature: { vendor: "anthropic", value: "EpUJprobe" } },
    { type: "text", text: "Hi" },
  ]),
  turn("earlier reasoning, encrypted by OpenAI", "gAAAAprobe", [
    { type: "reasoning", text: "thought", encrypted: { vendor: "openai", value: "gAAAAprobe" } },
    { type: "text", text: "Hi" },
  ]),
  turn("earlier text, signed by Google", data, [
    { type: "text", text: "Hi", signature: { vendor: "google", value: data } },
  ]),
  result("tool call", "asked", {}),
  result("tool result", "told", {}),
  result("tool result with an image", data, {
    content: [{ type: "image", source: { kind: "base64", mediaType: "image/png", data } }],
  }),
  tools("tools", {}),
  tools("strict tools", { tools: [{ ...tool, parameters: schema, strict: true }] }),
  tools("choice: none", { toolChoice: { kind: "none" } }),
  tools("choice: any", { toolChoice: { kind: "required" } }),
  tools("choice: one tool", { toolChoice: { kind: "tool", name: "look" } }),
  tools("choice: some tools", {
    tools: [tool, { ...tool, name: "listen" }],
    toolChoice: { kind: "allowed", mode: "auto", names: ["look"] },
  }),
  tools("no parallel calls", { parallelToolCalls: false }),
  tools("cache breakpoint on a tool", { tools: [{ ...tool, cache: { ttl: null } }] }),
  parameter("most output tokens", { maxOutputTokens: 777 }),
  parameter("stop sequences", { stop: ["END"] }),
  parameter("temperature", { temperature: 0.5 }),
  parameter("top_p", { topP: 0.5 }),
  parameter("top_k", { topK: 5 }),
  parameter("seed", { seed: 5 }),
  parameter("presence penalty", { presencePenalty: 0.5 }),
  parameter("frequency penalty", { frequencyPenalty: 0.5 }),
  parameter("logit bias", { logitBias: { "5": 1 } }),
  parameter("log probabilities", { logprobs: { top: 2 } }),
  parameter("several answers", { choices: 2 }),
  parameter("JSON", { output: { kind: "json" } }),
  parameter("JSON by a schema", {
    output: { kind: "json-schema", name: "out", description: null, schema, strict: true },
  }),
  parameter("reasoning effort", { reasoning: { ...thinking, effort: "low" } }),
  parameter("reasoning budget", { reasoning: { ...thinking, budgetTokens: 2048 } }),
  parameter("verbosity", { verbosity: "low" }),
  parameter("spoken answer", { modalities: ["text", "audio"], audioOutput: { voice: "alloy", format: "wav" } }),
  parameter("end user's id", { user: "user-1" }),
  parameter("service tier", { serviceTier: "flex" }),
  parameter("cache breakpoint in a message", {
    messages: [{ role: "user", content: [{ type: "text", text: "Hello", cache: { ttl: null } }] }],
  }),
  parameter("a key for the prompt cache", { extras: { prompt_cache_key: "key-1" } }),
  parameter("labels", { extras: { metadata: { team: "probe" } } }),
  parameter("a member that no one knows", { extras: { x_probe: 1 } }),
];
