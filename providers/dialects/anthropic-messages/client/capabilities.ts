// What a model can be asked about its thinking.
import type { Target } from "../../dialect.ts";
import { generationOf, since } from "../generation.ts";
import type { Effort } from "../wire.ts";

export interface Capabilities {
  readonly style: "adaptive" | "budget" | "none";
  readonly takesBudget: boolean;
  /** Values of `output_config.effort`; empty when the model has none. */
  readonly efforts: readonly string[];
  /** Thinks unless told not to, or may do so for all we know. */
  readonly thinksByDefault: boolean;
}

/** Ascending. */
export const efforts = ["low", "medium", "high", "xhigh", "max"] as const satisfies readonly Effort[];

/**
 * The catalogue decides: among its Claude models, those whose efforts include `max` think adaptively, and those with a
 * budget take a budget. Where it is silent (some rows are), the model's generation does.
 */
export function capabilities({ model, traits }: Target): Capabilities {
  const generation = generationOf(model);
  const version = generation?.version ?? null;
  const from = (first: number) => version !== null && version >= first;
  const adaptive = traits.reasoningEfforts?.includes("max") === true || from(since.adaptive);
  const thoughtless = traits.reasoning === false || (version !== null && version < since.thinking);
  return {
    style: thoughtless ? "none" : adaptive ? "adaptive" : "budget",
    takesBudget: traits.reasoningBudget !== undefined || !from(since.adaptiveOnly),
    efforts: traits.reasoningEfforts ?? effortsOf(generation?.family === "opus" && version === 405, version),
    thinksByDefault: version === null || version >= since.thinksByDefault,
  };
}

function effortsOf(isOpus45: boolean, version: number | null): readonly Effort[] {
  if (isOpus45) return ["low", "medium", "high"];
  if (version === null || version < since.adaptive) return [];
  return version < since.adaptiveOnly ? ["low", "medium", "high", "max"] : efforts;
}
