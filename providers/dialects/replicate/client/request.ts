// Writes a conversation as the input of a prediction.
import { type Losses, noLosses } from "../../anthropic-messages/client/unsupported.ts";
import type { Conversation } from "../../conversation.ts";
import type { Encoded, Target } from "../../dialect.ts";
import { lossOf } from "../../hints.ts";
import { isObject, type Json } from "../../json.ts";
import { versionMember } from "../path.ts";
import { type Inputs, inputsOf } from "./inputs.ts";
import { type Prompt, promptText, readPrompt } from "./prompt.ts";

const why = "is not an input of this model at Replicate";

/** Deterministic: the same conversation gives the same bytes. Throws nothing. */
export function encodeRequest(conversation: Conversation, { model }: Target): Encoded {
  const losses = noLosses();
  const inputs = inputsOf(model);
  const prompt = readPrompt(conversation.messages, losses);
  if (prompt.turns.length === 0) losses.refuse("messages", "has nothing to say; Replicate needs a prompt");
  const input = {
    ...asked(prompt, inputs, losses),
    ...sampling(conversation, inputs, losses),
    ...extras(conversation.extras, losses),
  };
  reportMissing(conversation, inputs, losses);
  return {
    body: { ...versionMember(model), input, ...(conversation.stream && { stream: true }) },
    unsupported: losses.list,
  };
}

/** A model that takes turns has its pictures beside the prompt all the same, so that one with pictures is given a prompt. */
function asked({ system, turns, images }: Prompt, inputs: Inputs, losses: Losses): Json {
  if (inputs.messages && images.length === 0) {
    const spoken = turns.map(({ role, text }) => ({ role, content: text }));
    return { messages: [...(system === "" ? [] : [{ role: "system", content: system }]), ...spoken] };
  }
  const most = inputs.images?.most ?? 0;
  if (images.length > most) {
    losses.refuse(
      "messages",
      most === 0 ? "holds pictures, which this model does not take" : `holds more pictures than ${most}`,
    );
  }
  const apart = inputs.system !== null && system !== "";
  const text = promptText(turns);
  return {
    prompt: apart || system === "" ? text : `${system}\n\n${text}`,
    ...(apart && inputs.system !== null && { [inputs.system]: system }),
    ...(inputs.images !== null && images.length > 0 && { [inputs.images.name]: most === 1 ? images[0] : images }),
  };
}

function sampling(conversation: Conversation, inputs: Inputs, losses: Losses): Json {
  const input: Record<string, unknown> = {};
  const { maxOutputTokens, stop, reasoning } = conversation;
  if (maxOutputTokens !== null) input[inputs.maxTokens] = maxOutputTokens;
  const values = [
    ["temperature", "temperature", conversation.temperature],
    ["top_p", "topP", conversation.topP],
    ["top_k", "topK", conversation.topK],
    ["presence_penalty", "presencePenalty", conversation.presencePenalty || null],
    ["frequency_penalty", "frequencyPenalty", conversation.frequencyPenalty || null],
  ] as const;
  for (const [name, member, value] of values) {
    if (value === null) continue;
    if (inputs.sampling.includes(name)) input[name] = value;
    else losses.drop(member, why);
  }
  if (stop.length > 0) {
    if (!inputs.stop) losses.drop("stop", why);
    else if (stop.some((one) => one.includes(",")))
      losses.drop("stop", "holds a comma, which parts stop sequences at Replicate");
    else input.stop_sequences = stop.join(",");
  }
  if (reasoning !== null && reasoning.effort !== null && reasoning.effort !== "none") {
    if (inputs.effort) input.reasoning_effort = reasoning.effort;
    else losses.drop("reasoning", why);
  }
  return input;
}

/** A client may name a model's own inputs in `input`. */
function extras(members: Json, losses: Losses): Json {
  const { input, ...others } = members;
  for (const [name, value] of Object.entries(others)) {
    if (value !== null && value !== undefined) losses.add(lossOf(name, value, "Replicate"));
  }
  if (input === undefined || input === null) return {};
  if (isObject(input)) return input;
  losses.refuse("input", "must be an object of the model's own inputs");
  return {};
}

/** Values that ask for nothing are no loss. */
function reportMissing(conversation: Conversation, { effort }: Inputs, losses: Losses): void {
  const { tools, toolChoice, output, choices, logitBias, verbosity, modalities, serviceTier, reasoning } = conversation;
  if (tools.length > 0) losses.drop("tools", "is not supported by Replicate, whose models call no tools");
  if (toolChoice !== null && toolChoice.kind !== "none" && toolChoice.kind !== "auto") losses.drop("toolChoice", why);
  if (output.kind !== "text") losses.drop("output", why);
  if (choices !== null && choices > 1) losses.drop("choices", "is not supported by Replicate, which gives one answer");
  if (conversation.seed !== null) losses.drop("seed", why);
  if (logitBias !== null && Object.keys(logitBias).length > 0) losses.drop("logitBias", why);
  if (conversation.logprobs !== null) losses.drop("logprobs", why);
  if (verbosity !== null && verbosity !== "medium") losses.drop("verbosity", why);
  if (modalities?.some((modality) => modality !== "text")) losses.drop("modalities", why);
  if (conversation.audioOutput !== null) losses.drop("audioOutput", why);
  if (conversation.user !== null) losses.hint("user", "is not supported by Replicate, which has no end-user ids");
  if (serviceTier !== null && serviceTier !== "auto" && serviceTier !== "default") losses.drop("serviceTier", why);
  if (reasoning?.effort === null && reasoning.budgetTokens !== null && !effort) losses.drop("reasoning", why);
}
