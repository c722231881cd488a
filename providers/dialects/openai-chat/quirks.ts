// Quirks: how a server that speaks OpenAI chat differs from OpenAI itself. Plain data, so that a provider stays a few lines.

export interface Quirks {
  /**
   * The only name under which this server knows the output limit. Null, as at OpenAI: both are known, but reasoning
   * models refuse `max_tokens` (OpenAI API reference, chat create, `max_tokens`).
   */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens" | null;
  /** False where the role `developer` is unknown: such messages are sent as `system`. */
  readonly developerRole?: boolean;
  /**
   * Where this server takes the reasoning of earlier turns back: DeepSeek, Moonshot and Z.ai in `reasoning_content`,
   * Groq and newer vLLM in `reasoning`, OpenRouter in `reasoning_details`. Null, as at OpenAI: nowhere, it is left out.
   */
  readonly reasoningField?: "reasoning_content" | "reasoning" | "reasoning_details" | null;
  /** False where `stream_options` is refused (Mistral): usage then comes on the last chunk unasked. */
  readonly streamOptions?: boolean;
  /**
   * True where Anthropic's `cache_control` markers are understood (OpenRouter, Alibaba). OpenAI caches by itself, so
   * elsewhere the markers are hints that nothing is lost without.
   */
  readonly cacheControl?: boolean;
  /** How this server is told how much to reason: OpenAI's level, or OpenRouter's object `reasoning`. */
  readonly reasoningParameter?: "reasoning_effort" | "reasoning";
  /** True where `top_k` is a parameter (vLLM, SGLang, llama.cpp, OpenRouter, Together, Fireworks). */
  readonly topK?: boolean;
  /**
   * True, as at OpenAI, where a model that reasons refuses sampling parameters even when the catalogue does not say so.
   * False where only `traits.temperature === false` counts: open reasoning models take a temperature.
   */
  readonly reasoningRefusesSampling?: boolean;
}

/** Every quirk decided: what the client side works with. */
export type Behaviour = Required<Quirks>;

export function behaviour(quirks: Quirks): Behaviour {
  return {
    maxTokensField: null,
    developerRole: true,
    reasoningField: null,
    streamOptions: true,
    cacheControl: false,
    reasoningParameter: "reasoning_effort",
    topK: false,
    reasoningRefusesSampling: true,
    ...quirks,
  };
}
