// Need: what a call may use and cost at the most, before anybody has been asked. Reservations are made by it, so it errs upwards.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Peek } from "../../providers/dialects/peek.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { Need } from "../limits/limiter.ts";
import { charactersPerToken } from "../router/ask.ts";
import type { Deployment } from "../router/deployment.ts";
import type { Plan } from "../router/plan.ts";
import { costOf, type Possible, type PriceTerms, worstCost } from "../usage/price.ts";
import type { Call } from "./call.ts";
import { termsOf } from "./settle.ts";

/** Providers add tokens of their own: a frame for each message, instructions for the use of tools. */
const tokensOfFrame = 1_000;
/** What a picture, a document or sound may come to where its address is all that the request holds. */
const tokensOfFile = 50_000;
/** And where it is in the request: fewer tokens than a twentieth of its base64. */
const charactersPerFileToken = 20;
/** The longest answer of a model of which nobody says how much it can say. */
const unknownOutputTokens = 32_768;
/** The most that a picture comes to where pictures are priced by tokens (OpenAI's largest at its highest quality, rounded up). */
const tokensOfPicture = 10_000;
/** Sound is at least so many bytes a second: no codec in use makes speech smaller. */
const leastBytesPerSecond = 500;
/** Providers of reranking count a search for every hundred documents (Cohere, "Pricing"). */
const documentsPerQuery = 100;

export interface Asked {
  readonly call: Call;
  readonly plan: Plan;
  /** Bytes of the files that come with the request. */
  readonly fileBytes: number;
}

/** What limits and budgets must have room for. */
export function needOf(asked: Asked): Need {
  const { call, plan } = asked;
  const first = plan.steps[0]?.deployment;
  return {
    tokens: estimatedTokens(asked, first?.facts ?? null),
    nanos: mostNanos(asked),
    models: first === undefined ? call.models : namesOf(call, first),
  };
}

/** By which limits may mean the model that is asked first. */
function namesOf({ models }: Call, { connection, model, facts }: Deployment): readonly string[] {
  const name = `${connection.provider.id}/${model}`;
  return facts === null ? [...models, name] : [...models, facts.canonical, name];
}

/** The prompt, and as much of an answer as was asked for; where nothing was asked, as much as the model says on average. */
function estimatedTokens({ call, plan }: Asked, facts: ModelFacts | null): number {
  const input = (call.peek?.textLength ?? call.rawBody.length) / charactersPerToken;
  if (call.peek === null) return Math.ceil(input);
  const usual = plan.steps[0]?.candidate.model.outputTokens ?? 0;
  const output = call.peek.maxOutputTokens ?? usual;
  return Math.ceil(input + Math.min(output, facts?.maxOutputTokens ?? Infinity));
}

/** The dearest of the plan's deployments; null when the price of any of them is not known. */
function mostNanos(asked: Asked): bigint | null {
  let most = 0n;
  const mostAt = asked.call.peek === null ? mostOfUnits(asked) : mostOfTokens(asked, asked.call.peek);
  for (const { deployment } of asked.plan.steps) {
    const nanos = deployment.facts === null ? null : mostAt(deployment.facts);
    if (nanos === null) return null;
    if (nanos > most) most = nanos;
  }
  return most;
}

/** What depends on the request alone is looked up once, for all deployments of a plan. */
function mostOfTokens({ call }: Asked, peek: Peek): (facts: ModelFacts) => bigint | null {
  const { rawBody, body } = call;
  const inputTokens = mostInputTokens(call);
  // Whether half a token can be asked for is for the provider to say.
  const asked = Math.ceil(peek.maxOutputTokens ?? Infinity);
  const choices = choicesOf(call);
  const possible: Possible = new InText(rawBody, peek.audio, termsOf({ body }));
  return (facts) => {
    const capable = facts.maxOutputTokens ?? facts.contextWindow ?? unknownOutputTokens;
    return worstCost(inputTokens, Math.min(asked, capable) * choices, facts, possible);
  };
}

/** What a request's text lets its call still do; looked for when it is asked, and once. */
class InText implements Possible {
  readonly #text: string;
  #cacheWrites: boolean | null = null;
  #audioOutput: boolean | null = null;
  readonly audioInput: boolean;
  readonly terms: PriceTerms;

  constructor(text: string, audioInput: boolean, terms: PriceTerms) {
    this.#text = text;
    this.audioInput = audioInput;
    this.terms = terms;
  }

  get cacheWrites(): boolean {
    this.#cacheWrites ??= this.#text.includes("cache_control");
    return this.#cacheWrites;
  }

  get hourCacheWrites(): boolean {
    return this.cacheWrites && this.#text.includes('"1h"');
  }

  get audioOutput(): boolean {
    this.#audioOutput ??= this.#text.includes('"audio"');
    return this.#audioOutput;
  }
}

/** A token is a character at least, or a byte of one that has several. */
function mostInputTokens({ peek, rawBody }: Pick<Call, "peek" | "rawBody">): number {
  const bytes = Buffer.byteLength(rawBody);
  if (peek === null) return bytes;
  const tokens = peek.textLength + (bytes - rawBody.length) + tokensOfFrame;
  if (!peek.images && !peek.documents && !peek.audio && !peek.video) return tokens;
  return tokens + tokensOfFile + Math.ceil((rawBody.length - peek.textLength) / charactersPerFileToken);
}

/** How many answers are asked for, in the words of the dialects that can. */
function choicesOf({ body }: Call): number {
  const config = body.generationConfig as { readonly candidateCount?: unknown } | null | undefined;
  const asked = body.n ?? config?.candidateCount;
  return typeof asked === "number" && asked >= 1 ? Math.ceil(asked) : 1;
}

/** Pictures, sound, searches and embeddings: their units, as many as the request can come to. */
function mostOfUnits({ call, fileBytes }: Asked): (facts: ModelFacts) => bigint | null {
  const { input, documents } = call.body;
  const pictures = choicesOf(call);
  const inputTokens = mostInputTokens(call) + tokensOfFrame;
  const seconds = Math.ceil(fileBytes / leastBytesPerSecond);
  const queries = Math.max(1, Math.ceil((Array.isArray(documents) ? documents.length : 1) / documentsPerQuery));
  const units = (facts: ModelFacts): Usage => {
    const outputTokens = facts.maxOutputTokens ?? unknownOutputTokens;
    switch (facts.mode) {
      case "image":
        return {
          inputTokens: inputTokens + Math.ceil(fileBytes / charactersPerFileToken),
          outputTokens: pictures * tokensOfPicture,
          images: pictures,
        };
      case "transcription":
        return { inputTokens, outputTokens, inputAudioTokens: 10 * seconds, audioSeconds: seconds };
      case "speech":
        return { inputTokens, outputTokens, characters: typeof input === "string" ? input.length : 0 };
      case "rerank":
        return { inputTokens, outputTokens: 0, queries };
      case "embedding":
        return { inputTokens, outputTokens: 0 };
      default:
        return { inputTokens, outputTokens: outputTokens * pictures };
    }
  };
  const terms = termsOf(call);
  return (facts) => {
    const nanos = costOf(units(facts), facts, terms);
    // A tenth more: rows that price both tokens and units count one of them.
    return nanos === null ? null : (nanos * 11n) / 10n;
  };
}
