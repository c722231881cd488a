// Pictures in OpenAI's shape: made from a text, or from others (OpenAI API reference, "Images").
import { type Json, text } from "../../dialects/json.ts";
import type { Usage } from "../../dialects/usage.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { passed } from "../passed.ts";
import { tokenUsage } from "../usage.ts";

export function openaiImages(path = "/images/generations"): EndpointDialect {
  return passed({ path, usage: imageUsage });
}

/** Tokens where the model has them, and the pictures of an answer, or the one whose end a stream's event tells. */
function imageUsage(answer: Json): Usage | null {
  const made = Array.isArray(answer.data) ? answer.data.length : 0;
  const completed = text(answer.type)?.endsWith(".completed") === true ? 1 : 0;
  const tokens = tokenUsage(answer);
  if (tokens === null && made + completed === 0) return null;
  return { ...(tokens ?? { inputTokens: 0, outputTokens: 0 }), images: made + completed };
}
