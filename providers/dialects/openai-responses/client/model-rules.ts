// Model rules: what OpenAI's reasoning models refuse that its other models take. They are those of chat.
import type { ReasoningRequest } from "../../conversation.ts";
import type { Target } from "../../dialect.ts";
import { refusesSampling as chatRefusesSampling } from "../../openai-chat/client/model-rules.ts";
import { behaviour } from "../../openai-chat/quirks.ts";
import type { Behaviour } from "../quirks.ts";

/** Whether the model refuses `temperature`, `top_p` and `top_logprobs`. */
export function refusesSampling(
  target: Target,
  effort: ReasoningRequest["effort"],
  { reasoningRefusesSampling }: Behaviour,
): boolean {
  return chatRefusesSampling(target, effort, behaviour({ reasoningRefusesSampling }));
}
