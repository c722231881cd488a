// Edits of a client's body that is passed on in its own dialect: the little that must change, and nothing else.
import type { BodyEdits, Target } from "../../dialect.ts";
import { isObject, type Json, object } from "../../json.ts";
import { routingMembers } from "../../openai-chat/wire.ts";
import { fittingCallId } from "../call-id.ts";
import { openEnvelope } from "../envelope.ts";
import type { Behaviour } from "../quirks.ts";
import { refusesSampling } from "./model-rules.ts";

const samplingMembers = ["temperature", "top_p", "top_logprobs"] as const;

/** OpenAI's ciphertexts are Fernet tokens, which begin so (every recording of OpenAI and Azure). */
const openaiCiphertext = /^gAAAA/;

/**
 * - The model, and members that only Turnpike reads.
 * - In `input`, reasoning that this server can't read, because another vendor's model wrote it (see `ours`), and call ids
 *   that are too long for it.
 * - With `drop_params`, the sampling parameters that the model refuses; they are named in `dropped`.
 */
export function editBody(body: Json, target: Target, quirks: Behaviour): BodyEdits {
  const set: Record<string, unknown> = { model: target.model };
  const remove: string[] = routingMembers.filter((name) => name in body);
  const input = cleanInput(body.input, quirks);
  if (input !== body.input) set.input = input;
  const dropped = body.drop_params === true ? refusedSampling(body, target, quirks) : [];
  return { set, remove: [...remove, ...dropped], ...(dropped.length === 0 ? {} : { dropped }) };
}

function refusedSampling(body: Json, target: Target, quirks: Behaviour): readonly string[] {
  const none = object(body.reasoning)?.effort === "none";
  if (!refusesSampling(target, none ? "none" : null, quirks)) return [];
  return samplingMembers.filter((name) => body[name] !== undefined && body[name] !== null);
}

/** @returns The same value when nothing is to change, so that the client's bytes are kept. */
function cleanInput(input: unknown, quirks: Behaviour): unknown {
  if (!Array.isArray(input)) return input;
  let changed = false;
  const items = input.flatMap((item: unknown) => {
    if (!isObject(item)) return [item];
    const clean = cleanItem(item, quirks);
    changed ||= clean !== item;
    return clean === null ? [] : [clean];
  });
  return changed ? items : input;
}

/** @returns null for an item that must not be sent. */
function cleanItem(item: Json, quirks: Behaviour): Json | null {
  if (item.type === "reasoning") return ours(item, quirks);
  if (typeof item.call_id !== "string") return item;
  const call_id = fittingCallId(item.call_id);
  return call_id === item.call_id ? item : { ...item, call_id };
}

/**
 * The reasoning item as this server can read it. One that Turnpike wrote for another vendor's model holds an envelope, and
 * is left out, unless it seals this vendor's own ciphertext.
 */
function ours(item: Json, { vendor }: Behaviour): Json | null {
  if (typeof item.encrypted_content !== "string") return item;
  const envelope = openEnvelope(item.encrypted_content);
  if (envelope === null) {
    return vendor !== "openai" && openaiCiphertext.test(item.encrypted_content) ? null : item;
  }
  const { of, encrypted } = envelope;
  if (of !== undefined || encrypted === undefined || encrypted.vendor !== vendor) return null;
  return { ...item, encrypted_content: encrypted.value };
}
