// The wire format of OpenAI responses: OpenAI's own types (package `openai`), and the members that Turnpike adds.
import type {
  Response,
  ResponseFunctionToolCallItem,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseOutputRefusal,
  ResponseOutputText,
  ResponseReasoningItem,
  ResponseStreamEvent,
  ResponseUsage,
} from "openai/resources/responses/responses";

export type Annotation = ResponseOutputText["annotations"][number];
export type TokenLogprob = ResponseOutputText.Logprob;
export type TextContent = Required<ResponseOutputText>;
export type RefusalContent = ResponseOutputRefusal;
export type ReasoningItem = ResponseReasoningItem;
export type MessageItem = ResponseOutputMessage;
export type CallItem = ResponseFunctionToolCallItem;
export type ImageItem = ResponseOutputItem.ImageGenerationCall;

/** The items that Turnpike writes. */
export type OutputItem = ReasoningItem | MessageItem | CallItem | ImageItem;

/** Usage with what was paid, in US dollars (OpenRouter's `usage.cost`). */
export type WireUsage = ResponseUsage & { cost?: number };

/** The members of a response that repeat the request. */
type Echoed =
  | "instructions"
  | "max_output_tokens"
  | "max_tool_calls"
  | "metadata"
  | "parallel_tool_calls"
  | "previous_response_id"
  | "prompt_cache_key"
  | "reasoning"
  | "safety_identifier"
  | "store"
  | "temperature"
  | "text"
  | "tool_choice"
  | "tools"
  | "top_logprobs"
  | "top_p"
  | "truncation"
  | "user";

/** As the client sent them: nobody looks into them again. */
export type Echo = { readonly [Name in Exclude<Echoed, "store">]: unknown } & { readonly store?: unknown };

/** `output_text` is the SDK's own; the codes of errors are OpenAI's closed list in its types, but not in its answers. */
export type WireResponse = Omit<Response, Echoed | "output_text" | "output" | "usage" | "error"> &
  Echo & {
    output: OutputItem[];
    usage: WireUsage | null;
    error: { code: string; message: string } | null;
  };

/** An event of a stream, before it is numbered. */
type Unnumbered<Event> = Event extends unknown ? Omit<Event, "sequence_number"> : never;

type LifecycleType =
  | "response.created"
  | "response.in_progress"
  | "response.completed"
  | "response.incomplete"
  | "response.failed";

/** A step in the making of one item. */
export type ItemStep = Unnumbered<Exclude<ResponseStreamEvent, { type: LifecycleType | "error" | "keepalive" }>>;

export type LifecycleStep = { readonly type: LifecycleType; readonly response: WireResponse };

/**
 * OpenAI sends the details in `error` (recording `openai-openai-error.1.chunks`), its reference has them at the top:
 * clients of both kinds are served.
 */
export interface ErrorStep {
  readonly type: "error";
  readonly code: string | null;
  readonly message: string;
  readonly param: string | null;
  readonly error: unknown;
}
