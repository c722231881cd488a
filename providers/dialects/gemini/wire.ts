// The Gemini wire format: request types as we write them, and guarded reading of answers that may be anything.
import type {
  Blob,
  FileData,
  FunctionCall,
  FunctionDeclaration,
  FunctionResponse,
  GenerateContentResponse,
  GenerateContentResponseUsageMetadata,
  GenerationConfig,
  ThinkingConfig,
} from "@google/genai";

/** The members of an SDK type that we write, the SDK's enums as the plain strings that they are on the wire. */
type Plain<T> = { -readonly [K in keyof T]: Written<T[K]> };
type Written<V> = V extends string ? string : V extends readonly (infer U)[] ? Written<U>[] : V;

export interface WireFunctionResponse extends Plain<Pick<FunctionResponse, "id" | "name">> {
  response: Record<string, unknown>;
  parts?: { inlineData: WireBlob }[];
}

export type WireBlob = Required<Plain<Pick<Blob, "mimeType" | "data">>>;
export type WireFileData = Plain<Pick<FileData, "mimeType" | "fileUri">>;

export interface WirePart {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  inlineData?: WireBlob;
  fileData?: WireFileData;
  functionCall?: Plain<Pick<FunctionCall, "id" | "name" | "args">>;
  functionResponse?: WireFunctionResponse;
}

export interface WireContent {
  role: "user" | "model";
  parts: WirePart[];
}

export type WireFunctionDeclaration = Plain<
  Pick<FunctionDeclaration, "name" | "description" | "parametersJsonSchema">
> & {
  parameters?: JsonObject;
};

export type WireThinkingConfig = Plain<ThinkingConfig>;

export type WireGenerationConfig = Omit<
  Plain<GenerationConfig>,
  "thinkingConfig" | "speechConfig" | "responseSchema" | "responseFormat"
> & {
  thinkingConfig?: WireThinkingConfig;
  speechConfig?: JsonObject;
  responseSchema?: JsonObject;
};

export type JsonObject = Record<string, unknown>;

/** An SDK type as it is before anybody has looked at it: the names of its members are known, their values are not. */
export type Unread<T> = { readonly [K in keyof T]?: unknown };

export type WireResponse = Unread<
  Pick<
    GenerateContentResponse,
    "candidates" | "promptFeedback" | "usageMetadata" | "modelVersion" | "responseId" | "createTime"
  >
> & { readonly error?: unknown };

/** `serviceTier` is on the wire (recording `test_google-test_google_model_gemini_3_5_flash.0`) but not in the SDK's type. */
export type WireUsageMetadata = Unread<GenerateContentResponseUsageMetadata> & { readonly serviceTier?: unknown };

/** The value as an object of unread members, or null when it is none. */
export function asObject<T = JsonObject>(value: unknown): Unread<T> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Unread<T>) : null;
}

/** The objects of an array, in order; none when the value is no array. */
export function asObjects<T = JsonObject>(value: unknown): readonly Unread<T>[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is Unread<T> => asObject(item) !== null);
}

/** The value when it is a string, else null. */
export function asString(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The value when it is a finite number, else null. */
export function asNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The JSON object in a text; null when the text is none. An error costs 10 µs, and what tools say is often no JSON. */
export function parseObject(text: string): JsonObject | null {
  if (!/^\s*\{/.test(text)) return null;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
