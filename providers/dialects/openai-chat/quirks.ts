// Quirks: how a server that speaks OpenAI chat differs from OpenAI itself. Plain data, so that a provider stays a few lines.

/** A parameter that some servers don't take. Named as in `Conversation`, but for `jsonSchema` (its `output`). */
export type Parameter =
  | "choices"
  | "logprobs"
  | "logitBias"
  | "seed"
  | "presencePenalty"
  | "frequencyPenalty"
  | "stop"
  | "user"
  | "tools"
  /** Any choice of tools but `auto`. */
  | "toolChoice"
  | "jsonSchema";

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
   * Groq and newer vLLM in `reasoning`, OpenRouter in `reasoning_details`, Mistral in chunks of type `thinking` within
   * `content`. Null, as at OpenAI: nowhere, it is left out.
   */
  readonly reasoningField?: "reasoning_content" | "reasoning" | "reasoning_details" | "thinking" | null;
  /** False where `stream_options` is refused (Mistral): usage then comes on the last chunk unasked. */
  readonly streamOptions?: boolean;
  /**
   * True where Anthropic's `cache_control` markers are understood (OpenRouter, Alibaba). OpenAI caches by itself, so
   * elsewhere the markers are hints that nothing is lost without.
   */
  readonly cacheControl?: boolean;
  /**
   * How this server is told how much to reason: OpenAI's level, OpenRouter's object `reasoning`, the switch
   * `thinking: {type}` (DeepSeek, Moonshot, Z.ai; beside it the level where the model has levels), or Alibaba's
   * `enable_thinking` and `thinking_budget`.
   */
  readonly reasoningParameter?: "reasoning_effort" | "reasoning" | "thinking" | "enable_thinking";
  /**
   * How this server is told not to show reasoning: `include_reasoning: false` (Groq, vLLM); beside that, OpenRouter's object
   * says it wherever it is known. "unasked", as at OpenAI: it never shows any. Null: not at all.
   */
  readonly hidingReasoning?: "unasked" | "include_reasoning" | null;
  /** True where `top_k` is a parameter (vLLM, SGLang, llama.cpp, OpenRouter, Together, Fireworks). */
  readonly topK?: boolean;
  /**
   * True, as at OpenAI, where a model that reasons refuses sampling parameters even when the catalogue does not say so.
   * False where only `traits.temperature === false` counts: open reasoning models take a temperature.
   */
  readonly reasoningRefusesSampling?: boolean;
  /** Parameters that this server refuses or does not act on. */
  readonly unsupported?: readonly Parameter[];
  /**
   * Which hints (see hints.ts) this server takes, where it refuses those that it does not know; the others are left out.
   * Null: it takes all, or overlooks them.
   */
  readonly hints?: readonly string[] | null;
  /** False where `tool_choice: {type: "allowed_tools"}` is unknown: the other tools are then left out. */
  readonly allowedTools?: boolean;
  /** The word for "some tool, whichever": Mistral's is `any`. */
  readonly requiredTool?: "required" | "any";
  /** The name of `seed`: Mistral's is `random_seed`. */
  readonly seedField?: "seed" | "random_seed";
  /** Which tool call ids are taken: at OpenAI up to 40 characters, at Mistral exactly nine letters or digits. */
  readonly callIds?: "short" | "nine";
  /** True where user and assistant must take turns (Perplexity): messages of one role in a row become one. */
  readonly alternatingRoles?: boolean;
  /** True where a text may begin with the model's reasoning between `<think>` tags (hosts of open models, Perplexity). */
  readonly thinkTags?: boolean;
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
    hidingReasoning: "unasked",
    topK: false,
    reasoningRefusesSampling: true,
    unsupported: [],
    hints: null,
    allowedTools: true,
    requiredTool: "required",
    seedField: "seed",
    callIds: "short",
    alternatingRoles: false,
    thinkTags: false,
    ...quirks,
  };
}

/** What servers other than OpenAI's have in common: they followed the API as it was before OpenAI's models reasoned. */
export const compatible: Quirks = {
  maxTokensField: "max_tokens",
  developerRole: false,
  hidingReasoning: null,
  reasoningRefusesSampling: false,
  allowedTools: false,
  thinkTags: true,
};
