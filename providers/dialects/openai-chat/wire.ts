// The wire format of OpenAI chat completions: OpenAI's own types (package `openai`), and the members that others added.
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionMessage,
  ChatCompletionMessageFunctionToolCall,
} from "openai/resources/chat/completions";
import type { CompletionUsage } from "openai/resources/completions";

/**
 * One piece of reasoning (OpenRouter documentation, "Reasoning Tokens", `reasoning_details`). `format` names the vendor
 * whose signature or ciphertext it holds. In answers that Turnpike writes, `index` is the position of the piece among all
 * the parts of the answer; items of equal `index` are fragments of one part.
 */
export type ReasoningDetail =
  | ({ readonly type: "reasoning.text"; readonly text?: string; readonly signature?: string } & DetailCommon)
  | ({ readonly type: "reasoning.summary"; readonly summary: string } & DetailCommon)
  | ({ readonly type: "reasoning.encrypted"; readonly data: string } & DetailCommon);

interface DetailCommon {
  readonly format: string;
  readonly index: number;
  readonly id?: string;
}

/** Google's extension of a tool call (Gemini API documentation, "Thought signatures", OpenAI compatibility). */
export interface ExtraContent {
  readonly google: { readonly thought_signature: string };
}

/** A picture that a model made (OpenRouter documentation, "Image Generation", `images`). */
export interface OutputImage {
  readonly type: "image_url";
  readonly image_url: { readonly url: string };
}

export type WireToolCall = ChatCompletionMessageFunctionToolCall & { extra_content?: ExtraContent };

export type Annotation = ChatCompletionMessage.Annotation;

export type WireMessage = Omit<ChatCompletionMessage, "tool_calls"> & {
  tool_calls?: WireToolCall[];
  reasoning_content?: string;
  reasoning_details?: ReasoningDetail[];
  images?: OutputImage[];
};

export type WireChoice = Omit<ChatCompletion.Choice, "message"> & {
  message: WireMessage;
  /** The provider's own finish reason, where OpenAI's word for it is another (OpenRouter's name for it). */
  native_finish_reason?: string;
};

/** Usage with what was paid, in US dollars (OpenRouter's `usage.cost`). */
export type WireUsage = CompletionUsage & { cost?: number };

export type WireCompletion = Omit<ChatCompletion, "choices" | "usage"> & { choices: WireChoice[]; usage?: WireUsage };

export type WireFinish = Exclude<ChatCompletion.Choice["finish_reason"], "function_call">;

export type WireDelta = Omit<ChatCompletionChunk.Choice.Delta, "tool_calls"> & {
  tool_calls?: (ChatCompletionChunk.Choice.Delta.ToolCall & { extra_content?: ExtraContent })[];
  reasoning_content?: string;
  reasoning_details?: ReasoningDetail[];
  images?: OutputImage[];
  annotations?: Annotation[];
};

/**
 * Members of a request that only Turnpike reads: which model, how to route, what to leave out. A provider never sees the
 * last three; a translation writes the first three anew.
 */
export const routingMembers = ["models", "provider", "drop_params"] as const;
export const gatewayMembers: readonly string[] = ["model", "stream", "stream_options", ...routingMembers];
