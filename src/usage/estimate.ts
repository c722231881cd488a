// How many tokens a conversation takes: cheaply before the call, more exactly after one whose provider did not say.
import type {
  AssistantPart,
  Conversation,
  FilePart,
  Message,
  ToolResultPart,
  UserPart,
} from "../../providers/dialects/conversation.ts";
import { estimateText } from "./estimate-text.ts";
import { exactUpTo, type TokenCounter } from "./tokens.ts";
import { toolText } from "./tool-text.ts";

/**
 * Input tokens of a conversation, estimated without an encoder in time linear in its text (some 10 ms for a million
 * characters). Meant to be high rather than low: it reserves budget and rate.
 */
export function estimateInput(conversation: Conversation): number {
  const { texts, tokens } = gather(conversation, largeImageTokens);
  return texts.reduce((sum, text) => sum + estimateText(text), tokens);
}

/**
 * Input tokens of a conversation as OpenAI counts them, for calls whose provider reported none. Exact for text in OpenAI's
 * models up to `exactUpTo` characters in all; of pictures, files and sound the usual size is assumed.
 */
export function countConversation(conversation: Conversation, counter: TokenCounter, model?: string): number {
  return countGathered(gatherConversation(conversation), counter, model);
}

/** What is to be counted of a conversation: its texts, and the tokens of all the rest. */
export interface Gathered {
  readonly texts: readonly string[];
  readonly tokens: number;
}

export function gatherConversation(conversation: Conversation): Gathered {
  return gather(conversation, usualImageTokens);
}

export function countGathered({ texts, tokens }: Gathered, counter: TokenCounter, model?: string): number {
  return tokens + countTexts(texts, counter, model);
}

/** Output tokens of an answer's parts. Reasoning is counted apart, as far as its text was shown. */
export function countOutput(
  parts: readonly AssistantPart[],
  counter: TokenCounter,
  model?: string,
): { readonly outputTokens: number; readonly reasoningTokens?: number } {
  const texts: string[] = [];
  const thoughts: string[] = [];
  let outputTokens = 0;
  for (const part of parts) {
    if (part.type === "reasoning") thoughts.push(part.text);
    else outputTokens += gatherPart(part, texts, usualImageTokens);
  }
  outputTokens += countTexts(texts, counter, model);
  if (thoughts.length === 0) return { outputTokens };
  return { outputTokens, reasoningTokens: countTexts(thoughts, counter, model) };
}

/** OpenAI Cookbook, "How to count tokens with tiktoken", section 6: around each message, for its name, before the reply. */
const perMessage = 3;
const perName = 1;
const perReply = 3;
/** Around each tool call, and around several in one message; measured on recorded usage of gpt-4o. */
const perCall = 7;
const perParallelCalls = 18;

/** OpenAI, "Images and vision", Calculating costs: low detail, and high detail of 1024 × 1024 and of 2048 × 4096. */
const lowDetailTokens = 85;
const usualImageTokens = 765;
const largeImageTokens = 1105;

/** A file whose size is unknown counts as a page: Anthropic, "PDF support", Estimate your costs: 1,500 to 3,000 tokens. */
const pageTokens = 3000;
/** Bytes of a PDF to a token: pages of some 50 kB. */
const pdfBytesPerToken = 20;
/** Bytes of plain text to a token. */
const textBytesPerToken = 3;

/** Gemini API, "Audio understanding", Technical details: 32 tokens a second, more than others. */
const audioTokensPerSecond = 32;
/** Bytes a second of the slowest usual formats: PCM of 16 kHz and 16 bit; compressed speech of 32 kbit/s. */
const wavBytesPerSecond = 32_000;
const compressedBytesPerSecond = 4000;

/** The texts of a conversation that are yet to be counted, and the tokens of all the rest. */
function gather({ messages, tools, output }: Conversation, imageTokens: number): Gathered {
  const texts: string[] = [];
  let tokens = perReply;
  for (const message of messages) tokens += gatherMessage(message, texts, imageTokens);
  if (tools.length > 0) texts.push(toolText(tools));
  if (output.kind === "json-schema") texts.push(JSON.stringify(output.schema));
  return { texts, tokens };
}

function gatherMessage(message: Message, texts: string[], imageTokens: number): number {
  let tokens = perMessage;
  let calls = 0;
  texts.push(message.role);
  if (message.role !== "tool" && message.name !== undefined) {
    texts.push(message.name);
    tokens += perName;
  }
  for (const part of message.content) {
    tokens += gatherPart(part, texts, imageTokens);
    if (part.type === "tool-call") calls++;
  }
  return tokens + (calls > 1 ? perParallelCalls : 0);
}

function gatherPart(part: UserPart | AssistantPart | ToolResultPart, texts: string[], imageTokens: number): number {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      texts.push(part.text);
      return 0;
    case "tool-call":
      texts.push(part.name, part.arguments);
      return perCall;
    case "image":
      return part.detail === "low" ? lowDetailTokens : imageTokens;
    case "output-image":
      return imageTokens;
    case "file":
      return fileTokens(part);
    case "audio":
      return audioTokens(part.data.length, part.format);
    case "output-audio":
      texts.push(part.transcript);
      return audioTokens(part.data.length, "wav");
    case "audio-reference":
      return 0;
  }
}

function fileTokens({ source }: FilePart): number {
  if (source.kind !== "base64") return pageTokens;
  const bytes = source.data.length * 0.75;
  if (source.mediaType.startsWith("text/")) return Math.ceil(bytes / textBytesPerToken);
  if (source.mediaType.startsWith("image/")) return usualImageTokens;
  return Math.max(pageTokens, Math.ceil(bytes / pdfBytesPerToken));
}

function audioTokens(base64Length: number, format: string): number {
  const bytesPerSecond =
    format.startsWith("wav") || format.startsWith("pcm") ? wavBytesPerSecond : compressedBytesPerSecond;
  return Math.ceil(((base64Length * 0.75) / bytesPerSecond) * audioTokensPerSecond);
}

/** Counts one by one what is short in all; otherwise as one text, so that the counter's bound holds for the sum. */
function countTexts(texts: readonly string[], counter: TokenCounter, model: string | undefined): number {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length > exactUpTo) return counter.count(texts.join("\n"), model);
  return texts.reduce((sum, text) => sum + counter.count(text, model), 0);
}
