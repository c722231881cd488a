// Tells from a model's name what the encoder must do differently: family and generation.

export interface Generation {
  /** Gemma models take no system instruction and only the older schema form. */
  readonly family: "gemini" | "gemma";
  /** 2.5, 3, 3.1, …; 3 for names without a number, which are aliases of current models. */
  readonly version: number;
  /** Pro models can't stop thinking and know fewer thinking levels. */
  readonly pro: boolean;
}

/**
 * The generation of a model by its name at the provider (`gemini-2.5-flash`, `gemini-3-pro-preview`, `gemma-3-27b-it`).
 * An alias (`gemini-flash-latest`) is taken for a Gemini 3: the recording `test-nested-model-direct-reference` shows it
 * answered by `gemini-3.6-flash`.
 */
export function generationOf(model: string): Generation {
  const version = /gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1];
  return {
    family: model.includes("gemma") ? "gemma" : "gemini",
    version: version === undefined ? 3 : Number(version),
    pro: /\bpro\b/.test(model),
  };
}
