// What the official `@google/genai` SDK reads at a base URL, in the neutral form of a Reading.
import {
  ApiError,
  type Candidate,
  type FunctionCall,
  type GenerateContentResponse,
  type GenerateContentResponseUsageMetadata,
  GoogleGenAI,
  type Part,
} from "@google/genai";
import { applyPartialArguments } from "./partial-arguments.ts";
import {
  distinct,
  failure,
  type ReadChoice,
  type ReadFinish,
  type ReadResult,
  type ReadToolCall,
  type ReadUsage,
  reading,
} from "./reading.ts";

export interface GoogleConnection {
  /** Without `/v1beta`. */
  readonly baseUrl: string;
  readonly key: string;
}

export interface GoogleAsked {
  readonly model: string;
  readonly stream: boolean;
  /** The prompt; "Hello" when absent. */
  readonly contents?: string;
  /** Members that the SDK does not know. */
  readonly extraBody?: Record<string, unknown>;
}

/** Asks a model with the official SDK, without retries, and reads the answer whole or as a stream. */
export async function readWithGoogle(
  connection: GoogleConnection,
  { model, stream, contents = "Hello", extraBody = {} }: GoogleAsked,
): Promise<ReadResult> {
  const client = new GoogleGenAI({
    apiKey: connection.key,
    httpOptions: { baseUrl: connection.baseUrl, apiVersion: "v1beta" },
  });
  const params = { model, contents, config: { httpOptions: { extraBody } } };
  try {
    const answers: GenerateContentResponse[] = [];
    if (stream) for await (const chunk of await client.models.generateContentStream(params)) answers.push(chunk);
    else answers.push(await client.models.generateContent(params));
    return readAnswers(answers);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return failure({ status: error.status, code: null, type: null, message: error.message });
  }
}

/** A whole answer is a stream of one. */
function readAnswers(answers: readonly GenerateContentResponse[]): ReadResult {
  const candidates = answers.flatMap((answer) => answer.candidates ?? []);
  const indexes = [...new Set(candidates.map((candidate) => candidate.index ?? 0))].sort((a, b) => a - b);
  const choices = indexes.map((index) =>
    readChoice(candidates.filter((candidate) => (candidate.index ?? 0) === index)),
  );
  const blocked = answers.some((answer) => answer.promptFeedback?.blockReason !== undefined);
  const usage = answers.findLast(({ usageMetadata }) => usageMetadata?.promptTokenCount !== undefined)?.usageMetadata;
  const result = reading(choices, readUsage(usage));
  if (result.kind === "failure" || choices.length > 0 || !blocked) return result;
  return reading([{ ...result.reading, finish: "content-filter" }], result.reading.usage);
}

function readChoice(pieces: readonly Candidate[]): ReadChoice {
  const parts = pieces.flatMap((piece) => piece.content?.parts ?? []);
  const toolCalls = readCalls(parts);
  const words = parts.filter((part) => part.text !== undefined);
  return {
    text: words.map((part) => (part.thought === true ? "" : part.text)).join(""),
    refusal: null,
    reasoning: words.map((part) => (part.thought === true ? part.text : "")).join("") || null,
    signatures: distinct(parts.filter(isForClient).map((part) => part.thoughtSignature)),
    toolCalls,
    finish: readFinish(pieces.findLast((piece) => piece.finishReason)?.finishReason ?? null, toolCalls.length > 0),
    citedUrls: distinct(pieces.flatMap(citedUrls)),
    logprobs: readLogprobs(pieces),
  };
}

/** Whether a part can go into another dialect: what tools did at Google's side can't, nor can the proofs of it. */
function isForClient(part: Part): boolean {
  return !["executableCode", "codeExecutionResult", "toolCall", "toolResponse"].some((name) => name in part);
}

/**
 * Function calls come whole, or as a named beginning, pieces of arguments and an empty end (`willContinue`).
 * Source: the recordings `google-google-stream-no-args-tool-call.chunks` and its neighbours.
 */
function readCalls(parts: readonly Part[]): readonly ReadToolCall[] {
  const calls: { id: string | null; name: string; arguments: Record<string, unknown> }[] = [];
  for (const { functionCall } of parts) {
    if (functionCall === undefined) continue;
    if (functionCall.name !== undefined)
      calls.push({ id: functionCall.id ?? null, name: functionCall.name, arguments: { ...functionCall.args } });
    const open = calls.at(-1);
    if (open !== undefined) applyPartialArguments(open.arguments, (functionCall as FunctionCall).partialArgs ?? []);
  }
  return calls;
}

/** The sources that some text is supported by (Gemini API, "Grounding with Google Search", `groundingSupports`). */
function citedUrls(candidate: Candidate): readonly (string | undefined)[] {
  const { groundingChunks = [], groundingSupports = [] } = candidate.groundingMetadata ?? {};
  return groundingSupports
    .flatMap((support) => support.groundingChunkIndices ?? [])
    .map((index) => groundingChunks[index]?.web?.uri);
}

function readLogprobs(pieces: readonly Candidate[]): ReadChoice["logprobs"] {
  const chosen = pieces.flatMap((piece) => piece.logprobsResult?.chosenCandidates ?? []);
  if (chosen.length === 0) return null;
  return chosen.map(({ token = "", logProbability = Number.NaN }) => ({ token, logprob: logProbability }));
}

/**
 * Gemini API reference, `FinishReason`; STOP is also said when functions are called. Vertex AI's SDK for Node recorded the
 * numbers of the enumeration (google/cloud/aiplatform/v1/content.proto).
 */
function readFinish(reason: string | number | null, callsTools: boolean): ReadFinish {
  switch (reason) {
    case "STOP":
    case 1:
      return callsTools ? "tool-calls" : "stop";
    case "MAX_TOKENS":
    case 2:
      return "length";
    case "SAFETY":
    case "RECITATION":
    case "BLOCKLIST":
    case "PROHIBITED_CONTENT":
    case "SPII":
    case "IMAGE_SAFETY":
    case "MODEL_ARMOR":
      return "content-filter";
    default:
      return reason === null ? null : String(reason);
  }
}

/** `promptTokenCount` includes cached tokens; thoughts and the prompts of server tools are counted beside. */
function readUsage(usage: GenerateContentResponseUsageMetadata | undefined): ReadUsage | null {
  if (usage === undefined) return null;
  return {
    input: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
    cached: usage.cachedContentTokenCount ?? null,
    cacheWrite: null,
    output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
    reasoning: usage.thoughtsTokenCount ?? null,
  };
}
