// Moderations as OpenAI has them; Mistral's differ by one member.
import { list, object } from "../../dialects/json.ts";
import { protocolFailure } from "../../dialects/openai-chat/error.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { passed } from "../passed.ts";
import { tokenUsage } from "../usage.ts";

export function openaiModerations(): EndpointDialect {
  return passed({ path: "/moderations" });
}

/** Mistral does not say `flagged`: a text is, when any category is (Mistral API reference, "Moderations"). */
export function mistralModerations(): EndpointDialect {
  return {
    ...passed({ path: "/moderations" }),
    decode(answer) {
      if (!Array.isArray(answer.results)) return protocolFailure("The provider's answer holds no results.");
      const results = list(answer.results).map((item) => {
        const result = object(item) ?? {};
        const categories = object(result.categories) ?? {};
        return { flagged: Object.values(categories).includes(true), ...result };
      });
      return { write: () => ({ ...answer, results }), usage: tokenUsage(answer) };
    },
  };
}
