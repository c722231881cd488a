// Quirks: how a server that speaks OpenAI responses differs from OpenAI itself. Plain data, so that a provider stays a few
// lines.
import type { Vendor } from "../conversation.ts";

export interface Quirks {
  /**
   * Whose ciphertext `encrypted_content` is. It goes back to a server of the same vendor and to no other. Null where
   * reasoning is not encrypted.
   */
  readonly vendor?: Vendor | null;
  /** True where reasoning goes back as plain text in `content` (DeepSeek: recordings `*_replay_own_reasoning_history.*`). */
  readonly plainReasoning?: boolean;
  /** False where the role `developer` is unknown: such messages are sent as `system`. */
  readonly developerRole?: boolean;
  /**
   * True, as at OpenAI, where a model that reasons refuses sampling parameters even when the catalogue does not say so.
   * False where only `traits.temperature === false` counts.
   */
  readonly reasoningRefusesSampling?: boolean;
  /** The least `max_output_tokens` that is taken. OpenAI: "Expected a value >= 16". */
  readonly leastOutputTokens?: number;
}

/** Every quirk decided: what the client side works with. */
export type Behaviour = Required<Quirks>;

export function behaviour(quirks: Quirks): Behaviour {
  return {
    vendor: "openai",
    plainReasoning: false,
    developerRole: true,
    reasoningRefusesSampling: true,
    leastOutputTokens: 16,
    ...quirks,
  };
}
