// Writes a conversation as the body of generateContent, and names what Gemini can't take.
import type { Conversation } from "../../conversation.ts";
import type { Encoded, Target, Unsupported } from "../../dialect.ts";
import { hintLost, lossOf } from "../../hints.ts";
import type { JsonObject, WireGenerationConfig } from "../wire.ts";
import { encodeContents } from "./contents.ts";
import { type Generation, generationOf } from "./generation.ts";
import { encodeSchema } from "./schema.ts";
import { encodeThinking } from "./thinking.ts";
import { encodeTools } from "./tools.ts";

/** The API's own limit of `stopSequences`. */
const MOST_STOPS = 5;

/**
 * What has no home in a Gemini request. Cache markers and a picture's `detail` have none either and are passed over in
 * silence: the first change only the price (Gemini caches prefixes by itself), the second only how finely a picture is read.
 */
const homeless: readonly {
  readonly member: keyof Conversation;
  asked(conversation: Conversation): boolean;
  readonly reason: string;
}[] = [
  {
    member: "logitBias",
    asked: ({ logitBias }) => logitBias !== null && Object.keys(logitBias).length > 0,
    reason: "is not supported by Gemini models",
  },
  { member: "verbosity", asked: ({ verbosity }) => verbosity !== null, reason: "is not supported by Gemini models" },
];

/** Members of a client's body that are Gemini's own: their wire names, and what they are in the request. */
const ownExtras: ReadonlyMap<string, "safetySettings" | "cachedContent"> = new Map([
  ["safetySettings", "safetySettings"],
  ["safety_settings", "safetySettings"],
  ["cachedContent", "cachedContent"],
  ["cached_content", "cachedContent"],
]);

/** OpenAI's and Anthropic's words for service tiers, and Gemini's; `auto` leaves it to the account. */
const tiers: ReadonlyMap<string, string | null> = new Map([
  ["auto", null],
  ["default", "standard"],
  ["standard", "standard"],
  ["standard_only", "standard"],
  ["flex", "flex"],
  ["priority", "priority"],
]);

const modalities: ReadonlyMap<string, string> = new Map([
  ["text", "TEXT"],
  ["image", "IMAGE"],
  ["audio", "AUDIO"],
]);

/** The body of generateContent and streamGenerateContent, which differ only in the path. */
export function encodeRequest(conversation: Conversation, target: Target): Encoded {
  const generation = generationOf(target.model);
  const { contents, systemInstruction, unsupported } = encodeContents(conversation.messages, generation);
  const tools = encodeTools(conversation, generation);
  const config = generationConfig(conversation, target, generation);
  const rest = topLevel(conversation);
  return {
    body: {
      contents,
      ...(systemInstruction === null ? {} : { systemInstruction }),
      ...tools.body,
      ...(Object.keys(config.body).length === 0 ? {} : { generationConfig: config.body }),
      ...rest.body,
    },
    unsupported: [...unsupported, ...tools.unsupported, ...config.unsupported, ...rest.unsupported],
  };
}

interface Section {
  readonly body: JsonObject;
  readonly unsupported: readonly Unsupported[];
}

function generationConfig(conversation: Conversation, target: Target, generation: Generation): Section {
  const output = outputFormat(conversation, target, generation);
  const speech = spokenOutput(conversation);
  const thinking = encodeThinking(conversation.reasoning, target.traits, generation);
  const stop = conversation.stop.slice(0, MOST_STOPS);
  const unsupported = [...output.unsupported, ...speech.unsupported, ...thinking.unsupported];
  if (stop.length < conversation.stop.length) {
    unsupported.push(droppable("stop", `holds more than the ${MOST_STOPS} sequences that Gemini takes`));
  }
  const body: WireGenerationConfig = {
    ...number("candidateCount", conversation.choices),
    ...number("maxOutputTokens", conversation.maxOutputTokens),
    ...number("temperature", conversation.temperature),
    ...number("topP", conversation.topP),
    ...number("topK", conversation.topK),
    ...number("seed", conversation.seed),
    ...number("presencePenalty", conversation.presencePenalty),
    ...number("frequencyPenalty", conversation.frequencyPenalty),
    ...(stop.length === 0 ? {} : { stopSequences: stop }),
    ...(conversation.logprobs === null ? {} : { responseLogprobs: true }),
    ...number("logprobs", conversation.logprobs?.top || null),
    ...output.body,
    ...speech.body,
    ...(thinking.config === null ? {} : { thinkingConfig: thinking.config }),
  };
  return { body, unsupported };
}

function number<K extends string>(name: K, value: number | null): { [P in K]?: number } {
  return value === null ? {} : ({ [name]: value } as { [P in K]: number });
}

function outputFormat({ output, tools }: Conversation, { traits }: Target, generation: Generation): Section {
  if (output.kind === "text") return { body: {}, unsupported: [] };
  if (traits.jsonSchema === false) {
    return { body: {}, unsupported: [droppable("output", "is not supported by this model")] };
  }
  // Gemini 3 takes both (recording `test_structured_output-test_native_output_with_function_tools_stream.0`).
  if (tools.length > 0 && generation.version < 3) {
    return { body: {}, unsupported: [droppable("output", "can't be had together with tools before Gemini 3")] };
  }
  const body: JsonObject = { responseMimeType: "application/json" };
  if (output.kind === "json") return { body, unsupported: [] };
  const described = output.description === null ? output.schema : { description: output.description, ...output.schema };
  const encoded = encodeSchema(described, generation);
  if (encoded.form === "json-schema") return { body: { ...body, responseJsonSchema: encoded.schema }, unsupported: [] };
  return {
    body: { ...body, responseSchema: encoded.schema },
    unsupported: encoded.loosened
      ? [droppable("output", "has a schema that refers to itself, which this model can't express")]
      : [],
  };
}

/** Modalities and the voice. Sound comes as 16-bit PCM at 24 kHz, whatever format is asked for. */
function spokenOutput({ modalities: wanted, audioOutput }: Conversation): Section {
  const body: WireGenerationConfig = {};
  const unsupported: Unsupported[] = [];
  if (wanted?.some((modality) => modality !== "text")) {
    body.responseModalities = wanted.flatMap((modality) => modalities.get(modality) ?? []);
    for (const modality of wanted) {
      if (!modalities.has(modality)) unsupported.push(droppable("modalities", `can't hold "${modality}" with Gemini`));
    }
  }
  if (audioOutput === null) return { body, unsupported };
  const { voice, format } = audioOutput;
  if (typeof voice === "string") {
    body.speechConfig = { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } };
  } else if (voice !== undefined) {
    unsupported.push(droppable("audioOutput.voice", "must be the name of one of Gemini's voices"));
  }
  if (format !== undefined && format !== "pcm16") {
    unsupported.push(droppable("audioOutput.format", "must be pcm16 with Gemini"));
  }
  return { body, unsupported };
}

function topLevel(conversation: Conversation): Section {
  const body: JsonObject = {};
  const unsupported = homeless
    .filter(({ asked }) => asked(conversation))
    .map(({ member, reason }) => droppable(member, reason));
  if (conversation.user !== null) {
    unsupported.push(hintLost("user", "is not taken by the Gemini API, which has no end-user ids"));
  }
  if (conversation.serviceTier !== null) {
    const tier = tiers.get(conversation.serviceTier);
    if (tier === undefined) unsupported.push(droppable("serviceTier", "is not one of Gemini's service tiers"));
    else if (tier !== null) body.serviceTier = tier;
  }
  for (const [name, value] of Object.entries(conversation.extras)) {
    const own = ownExtras.get(name);
    if (value === null || value === undefined) continue;
    const loss = own === undefined ? lossOf(name, value, "the Gemini API") : null;
    if (own !== undefined) body[own] = value;
    else if (loss !== null) unsupported.push(loss);
  }
  return { body, unsupported };
}

function droppable(member: string, reason: string): Unsupported {
  return { member, reason, droppable: true };
}
