// The clients of the fault table: one for each dialect that customers speak, made by hand, so that nothing is forgiven.

export type ClientDialect = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini";

export interface Question {
  readonly model: string;
  /** Where the call may go on. */
  readonly models: readonly string[];
  readonly stream: boolean;
  readonly prompt: string;
}

/** An error as the client's dialect tells it. */
export interface ToldError {
  readonly code: string | null;
  readonly type: string | null;
  readonly message: string;
}

/** What a client saw. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether the answer ended as its dialect ends. */
  readonly ended: boolean;
  readonly error: ToldError | null;
  /** Frames that followed an error, or that no client could parse. */
  readonly litter: number;
}

type Json = Readonly<Record<string, unknown>>;

interface Client {
  path(question: Question): string;
  body(question: Question): Json;
  /** The text of a whole answer. */
  text(answer: Json): string;
  /** What a frame of a stream adds. */
  frame(event: string | null, data: Json | "[DONE]"): { readonly text?: string; readonly ended?: boolean };
  error(body: Json): ToldError | null;
}

const clients: Readonly<Record<ClientDialect, Client>> = {
  "openai-chat": {
    path: () => "/v1/chat/completions",
    body: ({ model, models, stream, prompt }) => ({
      model,
      models,
      messages: [{ role: "user", content: prompt }],
      ...(stream && { stream, stream_options: { include_usage: true } }),
    }),
    text: (answer) => string(at(answer, "choices", 0, "message", "content")),
    frame: (_event, data) =>
      data === "[DONE]" ? { ended: true } : { text: string(at(data, "choices", 0, "delta", "content")) },
    error: openaiError,
  },
  "openai-responses": {
    path: () => "/v1/responses",
    body: ({ model, models, stream, prompt }) => ({ model, models, input: prompt, ...(stream && { stream }) }),
    text: (answer) => string(at(answer, "output", 0, "content", 0, "text")),
    frame: (event, data) => ({
      text: event === "response.output_text.delta" && data !== "[DONE]" ? string(data.delta) : "",
      ended: event === "response.completed",
    }),
    error: (body) =>
      body.type === "response.failed" ? openaiError({ error: at(body, "response", "error") }) : openaiError(body),
  },
  "anthropic-messages": {
    path: () => "/v1/messages",
    body: ({ model, models, stream, prompt }) => ({
      model,
      models,
      max_tokens: 200,
      messages: [{ role: "user", content: prompt }],
      ...(stream && { stream }),
    }),
    text: (answer) => string(at(answer, "content", 0, "text")),
    frame: (event, data) => ({
      text: data === "[DONE]" ? "" : string(at(data, "delta", "text")),
      ended: event === "message_stop",
    }),
    error: (body) => (body.type === "error" ? openaiError(body) : null),
  },
  gemini: {
    path: ({ model, stream }) =>
      `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: ({ models, prompt }) => ({ models, contents: [{ role: "user", parts: [{ text: prompt }] }] }),
    text: (answer) => string(at(answer, "candidates", 0, "content", "parts", 0, "text")),
    frame: (_event, data) =>
      data === "[DONE]"
        ? {}
        : {
            text: string(at(data, "candidates", 0, "content", "parts", 0, "text")),
            ended: at(data, "candidates", 0, "finishReason") === "STOP",
          },
    error: (body) => {
      if (at(body, "error") === undefined) return null;
      return {
        code: string(at(body, "error", "details", 0, "reason")),
        type: string(at(body, "error", "status")),
        message: string(at(body, "error", "message")),
      };
    },
  },
};

/** The `type` of an error of this status, or Google's `status`. */
export function errorType(dialect: ClientDialect, status: number): string {
  const google: Record<number, string> = {
    400: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    504: "DEADLINE_EXCEEDED",
    404: "NOT_FOUND",
  };
  const anthropic: Record<number, string> = {
    400: "invalid_request_error",
    404: "not_found_error",
    429: "rate_limit_error",
    502: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
  };
  if (dialect === "gemini") return google[status] ?? "UNAVAILABLE";
  if (dialect === "anthropic-messages") return anthropic[status] ?? "";
  return status === 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error";
}

/** Asks, and reads the answer to its end. */
export async function ask(
  gateway: { readonly url: string; readonly key: string },
  dialect: ClientDialect,
  question: Question,
): Promise<Seen> {
  const client = clients[dialect];
  const response = await fetch(`${gateway.url}${client.path(question)}`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify(client.body(question)),
  });
  const { status, headers } = response;
  const body = await response.text();
  if (headers.get("content-type")?.startsWith("text/event-stream")) {
    return { status, headers, ...readStream(client, body) };
  }
  const answer = parse(body) ?? {};
  const error = client.error(answer);
  const text = error === null ? client.text(answer) : "";
  return { status, headers, text, ended: error === null, error, litter: 0 };
}

function readStream(client: Client, body: string): Omit<Seen, "status" | "headers"> {
  let [text, ended, litter] = ["", false, 0];
  let error: ToldError | null = null;
  for (const frame of body.split(/\r?\n\r?\n/)) {
    const data = /^data: ?(.*)$/m.exec(frame)?.[1];
    if (data === undefined) continue;
    const event = /^event: ?(.*)$/m.exec(frame)?.[1] ?? null;
    const parsed = data === "[DONE]" ? data : parse(data);
    if (parsed === null) litter += 1;
    if (parsed === null) continue;
    const told = parsed === "[DONE]" ? null : client.error(parsed);
    if (told === null && error !== null) litter += 1;
    error ??= told;
    const piece = client.frame(event, parsed);
    text += piece.text ?? "";
    ended ||= piece.ended === true;
  }
  return { text, ended: ended && error === null, error, litter };
}

function openaiError(body: Json): ToldError | null {
  const error = at(body, "error");
  if (typeof error !== "object" || error === null) return null;
  const { code, type, message } = error as Json;
  return { code: string(code), type: string(type), message: string(message) };
}

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) here = (here as Record<string | number, unknown> | null | undefined)?.[step];
  return here;
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parse(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
