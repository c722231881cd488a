// What language models at Replicate call their inputs: each has a schema of its own, and models of one owner are alike.

export interface Inputs {
  /** Whether it takes the turns as they are, in OpenAI's shape. */
  readonly messages: boolean;
  /** Where instructions go; null puts them before the prompt. */
  readonly system: "system_prompt" | "system_instruction" | null;
  /** Where pictures go, and how many it takes; null when it takes none. */
  readonly images: { readonly name: string; readonly most: number } | null;
  readonly maxTokens: string;
  /** Which it has of these. */
  readonly sampling: readonly ("temperature" | "top_p" | "top_k" | "presence_penalty" | "frequency_penalty")[];
  /** Whether `stop_sequences` are taken, as one text with commas between them. */
  readonly stop: boolean;
  readonly effort: boolean;
}

/** What nearly all have. */
const common: Inputs = {
  messages: false,
  system: null,
  images: null,
  maxTokens: "max_tokens",
  sampling: ["temperature", "top_p"],
  stop: false,
  effort: false,
};

const openai: Inputs = {
  ...common,
  messages: true,
  system: "system_prompt",
  images: { name: "image_input", most: 10 },
  maxTokens: "max_completion_tokens",
};

const meta: Inputs = {
  ...common,
  system: "system_prompt",
  sampling: ["temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty"],
  stop: true,
};

/** Source: the schemas that replicate.com shows at `/<owner>/<model>/api`, of the models that are named in the comments. */
const families: readonly (readonly [RegExp, Inputs])[] = [
  // o1, gpt-5
  [/^openai\/(o\d|gpt-5)/, { ...openai, sampling: [], effort: true }],
  // gpt-4o-mini, gpt-4.1-mini
  [
    /^openai\/(chatgpt-|gpt-[34])/,
    { ...openai, sampling: ["temperature", "top_p", "presence_penalty", "frequency_penalty"] },
  ],
  // claude-3.5-sonnet, claude-4-sonnet
  [/^anthropic\//, { ...common, system: "system_prompt", images: { name: "image", most: 1 }, sampling: [] }],
  // gemini-2.5-flash
  [
    /^google\/gemini/,
    { ...common, system: "system_instruction", images: { name: "images", most: 10 }, maxTokens: "max_output_tokens" },
  ],
  // llama-2-70b-chat
  [/^meta\/llama-2-/, { ...meta, maxTokens: "max_new_tokens", sampling: ["temperature", "top_p", "top_k"] }],
  // meta-llama-3-70b-instruct
  [/^meta\//, meta],
];

export function inputsOf(model: string): Inputs {
  return families.find(([names]) => names.test(model))?.[1] ?? common;
}
