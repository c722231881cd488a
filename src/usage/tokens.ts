// Counts the tokens of texts at a bounded cost, over an encoder that is loaded when the first text is counted.
import { estimateText } from "./estimate-text.ts";

/** Counts the tokens of a text. Special tokens in it (`<|endoftext|>`) count as the ordinary text that they are. */
export interface TokenCounter {
  /** `model` may be a canonical id or any provider's name; models that are not known to differ count in `o200k_base`. */
  count(text: string, model?: string): number;
}

export type Encoding = "o200k_base" | "cl100k_base";

/** As much of tiktoken's encoder as is needed here. */
export interface Encoder {
  encode_ordinary(text: string): { readonly length: number };
}

/**
 * UTF-16 units. A longer text is counted by samples: its count is then an estimate, some per cent off. Counting up to here
 * takes some 30 ms at the most, during which nothing else runs.
 */
export const exactUpTo = 32_768;

const samples = 16;
const sampleLength = 1024;

/**
 * The longest run of letters (or of spaces, or of signs) that an encoder is given in one piece. Byte-pair merging takes
 * time by the square of such a run: 20,000 Chinese characters without punctuation took 2.5 s, in pieces of this length
 * 30 ms. Words are far shorter, so that cutting costs a token here and there in text that has none. Divisible by 3,
 * because digits are grouped by three.
 */
const longestRun = 129;

/** A counter that gets each encoder from `load` once, when it is first needed. */
export function createTokenCounter(load: (encoding: Encoding) => Encoder): TokenCounter {
  const loaded = new Map<Encoding, Encoder>();
  return {
    count: (text, model) => {
      if (text === "") return 0;
      const encoding = encodingOf(model);
      let encoder = loaded.get(encoding);
      if (encoder === undefined) {
        encoder = load(encoding);
        loaded.set(encoding, encoder);
      }
      return text.length <= exactUpTo ? countAll(encoder, text) : countSamples(encoder, text);
    },
  };
}

/** OpenAI's models before GPT-4o, and its embeddings (OpenAI Cookbook, "How to count tokens with tiktoken", Encodings). */
const cl100kModels = /^(gpt-3\.5|gpt-35|gpt-4(?![.o0-9])|text-embedding-|davinci-002|babbage-002)/;

/** The encoding of a model's tokens; `o200k_base`, the one of current OpenAI models, stands for all others. */
export function encodingOf(model: string | undefined): Encoding {
  if (model === undefined) return "o200k_base";
  const name = model.slice(model.lastIndexOf("/") + 1);
  return cl100kModels.test(name) ? "cl100k_base" : "o200k_base";
}

/** Measures by samples how far the estimate is off for such text, and corrects the whole estimate by that. */
function countSamples(encoder: Encoder, text: string): number {
  const stride = (text.length - sampleLength) / (samples - 1);
  let counted = 0;
  let estimated = 0;
  for (let sample = 0; sample < samples; sample++) {
    const start = Math.floor(sample * stride);
    const piece = text.slice(start, start + sampleLength);
    counted += countAll(encoder, piece);
    estimated += estimateText(piece);
  }
  return Math.round((counted / estimated) * estimateText(text));
}

function countAll(encoder: Encoder, text: string): number {
  let tokens = 0;
  let start = 0;
  let run = 0;
  let previous = -1;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const kind = kindOf(unit);
    run = kind === previous ? run + 1 : 1;
    previous = kind;
    if (run <= longestRun || isLowSurrogate(unit)) continue;
    tokens += encoder.encode_ordinary(text.slice(start, at)).length;
    start = at;
    run = 1;
  }
  return tokens + encoder.encode_ordinary(start === 0 ? text : text.slice(start)).length;
}

const space = 0;
const digit = 1;
const letter = 2;
const sign = 3;

/** What an encoder's splitting pattern takes a UTF-16 unit for, so far as it decides where long runs end. */
function kindOf(unit: number): number {
  if (unit <= 0x20) return space;
  if (unit >= 0x30 && unit <= 0x39) return digit;
  if (unit < 0x80) return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a ? letter : sign;
  const general = unit >= 0x2000 && unit <= 0x206f;
  const eastAsian = (unit >= 0x3000 && unit <= 0x303f) || (unit >= 0xff00 && unit <= 0xff0f);
  return general || eastAsian ? sign : letter;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
