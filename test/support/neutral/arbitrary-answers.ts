// Arbitrary answers and usage, for properties that must hold for all of them.
import fc from "fast-check";
import type { AssistantPart, Signature, Vendor } from "../../../providers/dialects/conversation.ts";
import type { Usage } from "../../../providers/dialects/usage.ts";

/** Text with quotes, line ends, surrogate pairs and all else that JSON must escape; never empty. */
const words = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
const maybeEmpty = fc.oneof(fc.constant(""), words);
const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
const vendor = fc.constantFrom<Vendor>("anthropic", "google", "openai", "xai", "unknown");
const signature: fc.Arbitrary<Signature> = fc.record({ vendor, value: base64 });

const text = fc.record({ type: fc.constant("text" as const), text: words });
const signedText = fc.record({ type: fc.constant("text" as const), text: maybeEmpty, signature });
const refusal = fc.record({ type: fc.constant("refusal" as const), text: words });
const thought = fc.record({ type: fc.constant("reasoning" as const), text: words });
const signedThought = fc.record({ type: fc.constant("reasoning" as const), text: maybeEmpty, signature });
const hidden = fc.record({ type: fc.constant("reasoning" as const), text: maybeEmpty, encrypted: signature });
const sealed = fc.record({ type: fc.constant("reasoning" as const), text: words, signature, encrypted: signature });
const call = fc.record({
  type: fc.constant("tool-call" as const),
  id: fc.uuid().map((id) => `call_${id.replaceAll("-", "").slice(0, 24)}`),
  name: fc.stringMatching(/^[a-z_]{1,12}$/),
  /** A model may write no JSON. */
  arguments: fc.oneof(fc.json({ maxDepth: 1 }), fc.constant('{"city": "Par')),
});
const signedCall = fc.tuple(call, signature).map(([made, proof]) => ({ ...made, signature: proof }));
const source = fc.oneof(
  fc.record({
    kind: fc.constant("base64" as const),
    mediaType: fc.constantFrom("image/png", "image/webp"),
    data: base64,
  }),
  fc.webUrl().map((url) => ({ kind: "url" as const, url, mediaType: null })),
);
const image = fc.record({ type: fc.constant("output-image" as const), source });
const signedImage = fc.record({ type: fc.constant("output-image" as const), source, signature });

/** The parts of an answer, of every kind and in any order. */
export const answerParts: fc.Arbitrary<AssistantPart[]> = fc.array(
  fc.oneof(text, signedText, refusal, thought, signedThought, hidden, sealed, call, signedCall, image, signedImage),
  { maxLength: 7 },
);

const tokens = fc.nat({ max: 1_000_000 });

/** Usage as one provider reports it: any of the optional counters may be absent. */
export const usage: fc.Arbitrary<Usage> = fc
  .record(
    {
      inputTokens: tokens,
      cachedInputTokens: tokens,
      cacheWriteTokens: tokens,
      inputAudioTokens: tokens,
      outputTokens: tokens,
      reasoningTokens: tokens,
      outputAudioTokens: tokens,
      acceptedPredictionTokens: tokens,
      rejectedPredictionTokens: tokens,
    },
    { requiredKeys: ["inputTokens", "outputTokens"] },
  )
  .map((value): Usage => value);
