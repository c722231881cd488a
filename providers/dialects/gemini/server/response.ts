// Writes a completion as a GenerateContentResponse.
import type { Choice, Completion } from "../../completion.ts";
import type { AnswerContext, CostView } from "../../dialect.ts";
import type { WirePart } from "../wire.ts";
import { writeFinish } from "./finish.ts";
import { type Cited, type WireGrounding, writeGrounding } from "./grounding.ts";
import { writeHeading } from "./heading.ts";
import { type WireLogprobs, writeLogprobs } from "./logprobs.ts";
import { writeUsage } from "./usage.ts";
import { writeParts } from "./write-parts.ts";

export interface WireCandidate extends Partial<WireLogprobs> {
  readonly content: { readonly role: "model"; readonly parts: readonly WirePart[] };
  readonly finishReason?: string;
  readonly finishMessage?: string;
  readonly index: number;
  readonly groundingMetadata?: WireGrounding;
}

export function writeCompletion(
  completion: Completion,
  context: AnswerContext,
  { usd }: CostView,
): Record<string, unknown> {
  const { choices, usage, serviceTier } = completion;
  return {
    candidates: choices.map(writeChoice),
    ...(usage !== null && { usageMetadata: writeUsage(usage, { costUsd: usd, serviceTier }) }),
    ...writeHeading(completion, context),
  };
}

function writeChoice({ index, content, finish, rawFinish, logprobs }: Choice): WireCandidate {
  const cited: Cited[] = [];
  let text = "";
  for (const part of content) {
    if (part.type !== "text") continue;
    const start = text.length;
    text += part.text;
    for (const citation of part.citations ?? []) cited.push({ citation, start, end: text.length });
  }
  const grounding = writeGrounding(cited, text);
  const refused = content.some(({ type }) => type === "refusal");
  return {
    content: { role: "model", parts: writeParts(content) },
    ...writeFinish(finish, rawFinish, refused),
    index,
    ...(grounding !== null && { groundingMetadata: grounding }),
    ...writeLogprobs(logprobs),
  };
}
