// Reads `generationConfig`: sampling, the form of the answer, thinking, and what only Gemini knows.
import type { Conversation, Foreign, OutputFormat, ReasoningRequest } from "../../conversation.ts";
import { Invalid, unknownWord } from "../../fields.ts";
import type { Json } from "../../json.ts";
import type { JsonObject } from "../wire.ts";
import { Members } from "./members.ts";
import { readSchema } from "./schema.ts";

const POSITIVE = { min: 1, max: Number.MAX_SAFE_INTEGER };
const PENALTY = { min: -2, max: 2 };

/** Members read below; any other is Gemini's own. */
const READ: ReadonlySet<string> = new Set([
  "temperature",
  "topP",
  "topK",
  "candidateCount",
  "maxOutputTokens",
  "stopSequences",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
  "responseLogprobs",
  "logprobs",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "thinkingConfig",
  "responseModalities",
  "speechConfig",
]);

type Config = Pick<
  Conversation,
  | "temperature"
  | "topP"
  | "topK"
  | "choices"
  | "maxOutputTokens"
  | "stop"
  | "seed"
  | "presencePenalty"
  | "frequencyPenalty"
  | "logprobs"
  | "output"
  | "reasoning"
  | "modalities"
  | "audioOutput"
> & { readonly foreign: readonly Foreign[] };

/** @throws Invalid */
export function readGenerationConfig(body: Json): Config {
  const config = new Members(body, "").object("generationConfig") ?? new Members({}, "generationConfig");
  const choices = config.integer("candidateCount", { min: 1, max: 128 });
  const speech = readSpeech(config);
  const format = readFormat(config);
  return {
    temperature: config.number("temperature", { min: 0, max: 2 }),
    topP: config.number("topP", { min: 0, max: 1 }),
    topK: config.integer("topK", POSITIVE),
    choices: choices === 1 ? null : choices,
    maxOutputTokens: config.integer("maxOutputTokens", POSITIVE),
    stop: config.strings("stopSequences"),
    seed: config.integer("seed", { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    presencePenalty: config.number("presencePenalty", PENALTY),
    frequencyPenalty: config.number("frequencyPenalty", PENALTY),
    logprobs: readLogprobs(config),
    output: format.output,
    reasoning: readThinking(config),
    modalities: readModalities(config),
    audioOutput: speech.audioOutput,
    foreign: [
      ...format.foreign,
      ...speech.foreign,
      ...config.names.filter(({ name }) => !READ.has(name)).map(({ own }) => only(`${config.path}.${own}`)),
    ],
  };
}

function only(member: string): Foreign {
  return { member, reason: "is known to Gemini models only", droppable: true };
}

function readLogprobs(config: Members): Conversation["logprobs"] {
  const wanted = config.boolean("responseLogprobs") ?? false;
  const top = config.integer("logprobs", { min: 0, max: 20 });
  if (top !== null && !wanted) {
    const path = config.at("logprobs");
    throw new Invalid(path, `Invalid '${path}': it needs '${config.at("responseLogprobs")}' to be true.`);
  }
  return wanted ? { top: top ?? 0 } : null;
}

interface Format {
  readonly output: OutputFormat;
  readonly foreign: readonly Foreign[];
}

/** A schema has no name in this dialect; OpenAI wants one. */
const SCHEMA_NAME = "response";

function readFormat(config: Members): Format {
  const type = config.string("responseMimeType") ?? "text/plain";
  const openApi = config.object("responseSchema");
  const json = config.object("responseJsonSchema");
  const schema = json?.json ?? (openApi === null ? null : readSchema(openApi.json as JsonObject));
  switch (type) {
    case "application/json":
      if (schema === null) return { output: { kind: "json" }, foreign: [] };
      return {
        output: { kind: "json-schema", name: SCHEMA_NAME, description: null, schema, strict: null },
        foreign: [],
      };
    case "text/x.enum":
      return { output: { kind: "text" }, foreign: [only(config.at("responseMimeType"))] };
    case "text/plain": {
      if (schema === null) return { output: { kind: "text" }, foreign: [] };
      const path = config.at(json === null ? "responseSchema" : "responseJsonSchema");
      const advice = `Set '${config.at("responseMimeType")}' to 'application/json'.`;
      throw new Invalid(path, `Invalid '${path}': a schema is for JSON answers. ${advice}`);
    }
    default:
      return unknownWord(type, ["text/plain", "application/json", "text/x.enum"], config.at("responseMimeType"));
  }
}

const LEVELS = ["minimal", "low", "medium", "high"] as const;

/** A budget of -1 leaves the amount to the model, as saying nothing does. Thoughts are shown only when asked for. */
function readThinking(config: Members): ReasoningRequest | null {
  const thinking = config.object("thinkingConfig");
  if (thinking === null) return null;
  const budget = thinking.integer("thinkingBudget", { min: -1, max: Number.MAX_SAFE_INTEGER });
  const word = thinking.string("thinkingLevel");
  const level = LEVELS.find((known) => known === word?.toLowerCase()) ?? null;
  if (word !== null && word !== "THINKING_LEVEL_UNSPECIFIED" && level === null) {
    const words = LEVELS.map((known) => known.toUpperCase());
    return unknownWord(word, words, thinking.at("thinkingLevel"));
  }
  if (level !== null && budget !== null) {
    const path = thinking.at("thinkingBudget");
    throw new Invalid(path, `Invalid '${path}': it can't be set together with '${thinking.at("thinkingLevel")}'.`);
  }
  return {
    effort: budget === 0 ? "none" : level,
    budgetTokens: budget === null || budget <= 0 ? null : budget,
    includeText: thinking.boolean("includeThoughts") ?? false,
  };
}

function readModalities(config: Members): readonly string[] | null {
  const wanted = config.strings("responseModalities").map((modality) => modality.toLowerCase());
  const known = wanted.filter((modality) => modality !== "modality_unspecified");
  return known.every((modality) => modality === "text") ? null : known;
}

/** Of speech settings, the name of a voice means something elsewhere. Gemini's sound is 16-bit PCM. */
function readSpeech(config: Members): Pick<Conversation, "audioOutput"> & { readonly foreign: readonly Foreign[] } {
  const speech = config.object("speechConfig");
  if (speech === null) return { audioOutput: null, foreign: [] };
  const voice = speech.object("voiceConfig")?.object("prebuiltVoiceConfig")?.string("voiceName") ?? null;
  if (voice === null || speech.names.length > 1) return { audioOutput: null, foreign: [only(speech.path)] };
  return { audioOutput: { voice, format: "pcm16" }, foreign: [] };
}
