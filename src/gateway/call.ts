// Call: what the client asked, read once. The raw text is kept, because a passthrough sends the client's own bytes.
import type { HeaderLookup, ServerDialect } from "../../providers/dialects/dialect.ts";
import type { Peek } from "../../providers/dialects/peek.ts";
import type { Operation } from "../../providers/endpoints/endpoint.ts";
import { GatewayError } from "../errors.ts";
import type { Preferences } from "../router/ask.ts";
import { readPreferences } from "./preferences.ts";

/** The part of the client's dialect that every operation needs. */
export type AnswerDialect = Pick<ServerDialect, "id" | "error" | "keepAlive" | "streamUsage"> &
  Partial<Pick<ServerDialect, "peek">>;

/** A call of the chat endpoints, in any dialect. */
export type ChatCall = Call<ServerDialect>;

export interface Call<Dialect extends AnswerDialect = AnswerDialect> {
  /** `req_…`, unique; the client sees it as `x-request-id`. */
  readonly id: string;
  readonly dialect: Dialect;
  readonly operation: "chat" | Operation;
  /** Empty for a form, and once it is certain who answers: a long prompt would stay as long as its answer streams. */
  rawBody: string;
  /** The body as parsed; of a form, its fields. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What an answer repeats of the request, where that is not `body`. */
  readonly echo?: Readonly<Record<string, unknown>>;
  /** The models asked for, in order of preference; the first is `model`. */
  readonly models: readonly string[];
  readonly stream: boolean;
  /** Whether the client asked for usage at the end of its stream. */
  readonly includeUsage: boolean;
  readonly dropParams: boolean;
  readonly preferences: Preferences;
  /** Null for what is no chat. */
  readonly peek: Peek | null;
  /** The client's request headers, for those that a provider of the same dialect is passed. */
  readonly header: HeaderLookup;
  readonly openedAtMs: number;
  /** Monotonic. */
  readonly startedAt: number;
}

/** No name of a model comes near this length; what is longer would only fill the ledger. */
const longestModelName = 512;

export interface CallInit<Dialect extends AnswerDialect = AnswerDialect> {
  /** What the URL says, in dialects where it says it; else the body does. */
  readonly route?: { readonly model: string; readonly stream: boolean };
  readonly id: string;
  readonly dialect: Dialect;
  readonly operation?: "chat" | Operation;
  /** The model when neither the URL nor the body names one. */
  readonly defaultModel?: string;
  /** True when the answer is a stream whatever the body says. */
  readonly streams?: true;
  /** The body, where it is not JSON. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly rawBody: string;
  readonly header: HeaderLookup;
  readonly openedAtMs: number;
  readonly startedAt: number;
}

/**
 * Parses the body once and peeks at what routing and admission need; the dialect reads the rest only when it must translate.
 * @throws GatewayError `invalid_json`, `invalid_request`, naming the parameter.
 */
export function readCall<Dialect extends AnswerDialect>(init: CallInit<Dialect>): Call<Dialect> {
  const given = init.fields ?? parseObject(init.rawBody);
  const preferences = readPreferences(given.provider);
  const dropParams = readFlag(given, "drop_params") && !preferences.requireParameters;
  // A passthrough reads in the body itself whether anything may be left out.
  const body = given.drop_params === true && !dropParams ? { ...given, drop_params: false } : given;
  const model = init.route?.model ?? body.model ?? init.defaultModel;
  if (typeof model !== "string" || model.trim() === "" || model.length > longestModelName) {
    throw invalid(
      "model",
      "expected the name of a model, such as `openai/gpt-5-mini`; GET /v1/models lists those you may use",
    );
  }
  if (!isPlain(model)) throw invalid("model", disguised);
  return {
    id: init.id,
    dialect: init.dialect,
    operation: init.operation ?? "chat",
    rawBody: init.rawBody,
    body,
    models: [model, ...readFallbacks(body.models).filter((name) => name !== model)],
    stream: init.route?.stream ?? (init.streams === true || readFlag(body, "stream")),
    includeUsage: init.dialect.streamUsage === "always" || readIncludeUsage(body.stream_options),
    dropParams,
    preferences,
    peek: init.dialect.peek?.(body) ?? null,
    header: init.header,
    openedAtMs: init.openedAtMs,
    startedAt: init.startedAt,
  };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GatewayError(
      "invalid_json",
      text.trim() === ""
        ? "The request has no body. Send a JSON object."
        : "The request body is not valid JSON. Check quotes, commas and braces, and that it is sent as UTF-8.",
    );
  }
  if (!isObject(value)) throw new GatewayError("invalid_request", "The request body must be a JSON object.");
  return value;
}

function readFallbacks(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!isStringArray(value) || value.some((name) => name.length > longestModelName)) {
    throw invalid("models", "expected an array of model names");
  }
  if (!value.every(isPlain)) throw invalid("models", disguised);
  if (value.length > 10) throw invalid("models", "expected at most 10 model names");
  return value;
}

const disguised =
  "a model's name must be written plainly: without control or invisible characters, white space around it, letters that stand for others, or `..`";

/**
 * Whether a name is written in the one way that it can be read (Unicode, NFKC). A provider may read it loosely, and policies, which
 * read it to the letter, must not be told another name than the provider.
 */
function isPlain(name: string): boolean {
  // It may become a part of a provider's path.
  if (/(^|\/)\.\.?(\/|:|$)/.test(name)) return false;
  if (/^[!-~]*$/.test(name)) return true;
  return name === name.normalize("NFKC").trim() && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
}

function readFlag(body: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = body[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw invalid(name, "expected true or false");
  return value;
}

function readIncludeUsage(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (!isObject(value)) throw invalid("stream_options", "expected an object");
  const flag = value.include_usage;
  if (flag !== undefined && flag !== null && typeof flag !== "boolean") {
    throw invalid("stream_options.include_usage", "expected true or false");
  }
  return flag === true;
}

function invalid(param: string, problem: string): GatewayError {
  return new GatewayError("invalid_request", `Invalid \`${param}\`: ${problem}.`, { param });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
