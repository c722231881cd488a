// Gemini's dialect as Vertex AI speaks it: other paths, and a few members fewer.
import type { Conversation } from "../dialects/conversation.ts";
import type { ClientDialect, Encoded, Target } from "../dialects/dialect.ts";
import { gemini } from "../dialects/gemini/index.ts";
import type { WireContent, WirePart } from "../dialects/gemini/wire.ts";

const publisher = "/publishers/google";

/** The base URL ends with the project's location. */
export const vertexGemini: ClientDialect = {
  ...gemini,
  path: (target, options) => `${publisher}${gemini.path(target, options)}`,
  encode,
  countPath: ({ model }) => `${publisher}/models/${encodeURIComponent(model)}:countTokens`,
};

/**
 * Vertex has labels. It has a header for the service tier instead of a member, and results find their calls by order and
 * name, without ids.
 */
function encode(conversation: Conversation, target: Target): Encoded {
  const { labels, ...extras } = conversation.extras;
  const { body, headers, unsupported } = gemini.encode({ ...conversation, extras }, target);
  const { serviceTier, contents, ...rest } = body;
  const tier = serviceTier === "flex" || serviceTier === "priority" ? serviceTier : null;
  return {
    body: {
      contents: (contents as readonly WireContent[]).map(withoutIds),
      ...rest,
      ...(labels !== undefined && { labels }),
    },
    headers: { ...headers, ...(tier !== null && { "x-vertex-ai-llm-shared-request-type": tier }) },
    unsupported,
  };
}

function withoutIds(content: WireContent): WireContent {
  return { ...content, parts: (content.parts ?? []).map(withoutId) };
}

function withoutId(part: WirePart): WirePart {
  const { functionCall, functionResponse } = part;
  if (functionCall !== undefined) {
    const { id: _, ...rest } = functionCall;
    return { ...part, functionCall: rest };
  }
  if (functionResponse !== undefined) {
    const { id: _, ...rest } = functionResponse;
    return { ...part, functionResponse: rest };
  }
  return part;
}
