// The sandbox's embeddings: the same text always gets the same unit vector, and another text another one.
import { badRequest, type Fault } from "./fault.ts";
import { digest } from "./identity.ts";

/** As many as OpenAI's small model has, unless the request says otherwise. */
export const embeddingDimensions = 1536;
const mostDimensions = 8192;

/** Answers the text of an embeddings request, in OpenAI's shape, as numbers. */
export function embed(text: string, countTokens: (text: string) => number): Record<string, unknown> | Fault {
  const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (body.model !== "embed") {
    return badRequest(`The sandbox's model for embeddings is \`embed\`, not \`${String(body.model)}\`.`, "model");
  }
  const dimensions = body.dimensions ?? embeddingDimensions;
  if (typeof dimensions !== "number" || dimensions > mostDimensions) {
    return badRequest(`\`dimensions\` must be a number up to ${mostDimensions}.`, "dimensions");
  }
  const inputs = inputsOf(body.input);
  const tokens = inputs.reduce(
    (sum, input) => sum + (typeof input === "string" ? countTokens(input) : input.length),
    0,
  );
  return {
    object: "list",
    data: inputs.map((input, index) => ({
      object: "embedding",
      index,
      embedding: unitVector(typeof input === "string" ? input : JSON.stringify(input), dimensions),
    })),
    model: "embed",
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** A text, some texts, tokens, or some of these. */
function inputsOf(input: unknown): readonly (string | readonly number[])[] {
  if (!Array.isArray(input)) return [String(input)];
  return typeof input[0] === "number" ? [input as number[]] : (input as (string | number[])[]);
}

/** Numbers from the text's digest (Marsaglia's xorshift of 32 bits), scaled to length 1. */
function unitVector(text: string, dimensions: number): number[] {
  let state = Number.parseInt(digest(text).slice(0, 8), 16) || 1;
  const vector = Array.from({ length: dimensions }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  });
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
