import { describe, expect, it } from "vitest";
import { recordings } from "../support/recordings.ts";
import { toOpenAIChat } from "../support/to-openai-chat.ts";
import { sources, whyNotInDialect } from "./corpus.ts";
import { inexpressible, notInDialect } from "./inexpressible.ts";

function count(reasons: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const reason of reasons.toSorted()) counted[reason] = (counted[reason] ?? 0) + 1;
  return counted;
}

describe.each(sources)(
  "what the differential tests leave out of $provider is known, by reason",
  ({ provider, dialect }) => {
    const all = recordings(provider, { dialect });
    const left = all.flatMap((recording) => whyNotInDialect(recording) ?? []);
    const run = all.filter((recording) => whyNotInDialect(recording) === null);
    const unsaid = run.flatMap((recording) => {
      const chat = toOpenAIChat(recording);
      return chat.kind === "inexpressible" ? [chat.reason] : [];
    });

    it("recordings that are no answer in the dialect", () => {
      expect(count(left)).toEqual(notInDialect[provider]);
    });

    it("requests without an equivalent in OpenAI's dialect", () => {
      expect(count(unsaid)).toEqual(inexpressible[provider]);
    });

    it("all the others run", () => {
      const requests = run.length - unsaid.length;
      console.log(
        `${provider}: ${all.length} recordings, answers of ${run.length} and requests of ${requests} compared`,
        { notInDialect: count(left), inexpressible: count(unsaid) },
      );
      expect(requests).toBeGreaterThan(run.filter(({ request }) => request !== null).length / 2);
    });
  },
);
