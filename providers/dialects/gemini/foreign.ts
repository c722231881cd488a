// Foreign signatures: what Turnpike wrote into earlier answers on behalf of other vendors, and what Google must not be sent.
import { routingMembers } from "../openai-chat/wire.ts";
import { isSealed, openEnvelope } from "./envelope.ts";
import { asObject, type JsonObject } from "./wire.ts";

/** Members that only the gateway reads: the API refuses what it does not know, and has the model in its path. */
const GATEWAY = [...routingMembers, "model", "stream"];

/** Which of them a body has. */
export function removable(body: Readonly<JsonObject>): readonly string[] {
  return GATEWAY.filter((name) => name in body);
}

/** Takes the place of a call's signature where Google did not make the call (ai.google.dev, "Thought signatures", FAQ). */
const NO_SIGNATURE = "skip_thought_signature_validator";

/**
 * The `contents` of a body that is passed on to Google, without other vendors' signatures: Google refuses those that it did
 * not make. A part that held nothing else goes too.
 *
 * @returns Null when there is nothing to leave out, and the client's own bytes can stay.
 */
export function withoutForeign({ contents }: Readonly<JsonObject>): unknown {
  const list = Array.isArray(contents) ? contents : [];
  const cleaned = list.map(cleanContent);
  if (cleaned.every((content, at) => content === list[at])) return null;
  return cleaned.filter((content) => content !== null);
}

/** The content itself when nothing in it is foreign; null when everything is. */
function cleanContent(content: unknown): unknown {
  const { parts } = asObject<{ parts: unknown }>(content) ?? {};
  if (!Array.isArray(parts)) return content;
  const kept = parts.map(cleanPart).filter((part) => part !== null);
  if (kept.length === parts.length && kept.every((part, at) => part === parts[at])) return content;
  return kept.length === 0 ? null : { ...asObject(content), parts: kept };
}

function cleanPart(part: unknown): unknown {
  const { thoughtSignature, thought_signature, ...rest }: JsonObject = { ...asObject(part) };
  const sealed = thoughtSignature ?? thought_signature;
  if (!isSealed(sealed)) return part;
  const own = openEnvelope(sealed)?.signature;
  if (own?.vendor === "google") return { ...rest, thoughtSignature: own.value };
  if (rest.functionCall !== undefined || rest.function_call !== undefined) {
    return { ...rest, thoughtSignature: NO_SIGNATURE };
  }
  return (rest.text ?? "") === "" && rest.inlineData === undefined && rest.fileData === undefined ? null : rest;
}
