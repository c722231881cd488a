// The turns of a recorded Gemini request as OpenAI chat messages.
import type { JsonObject } from "../recordings.ts";
import { asList, asObject, asText, filePart, Inexpressible, imagePart, present } from "./inexpressible.ts";

/** What a function call was, for the answer to it: Gemini pairs them by id, or by name and order where there is none. */
interface Call {
  readonly id: string;
  readonly name: string;
  answered: boolean;
}

/** @throws Inexpressible */
export function toConversation(request: JsonObject): readonly JsonObject[] {
  const calls: Call[] = [];
  const system = asList(asObject(request.systemInstruction ?? {}).parts).map((part) => asText(part.text));
  const messages = asList(request.contents).flatMap((content) => {
    const parts = asList(content.parts);
    return content.role === "model" ? [toAssistant(parts, calls)] : toUser(parts, calls);
  });
  const instructions = system.filter((text) => text !== "").map((text) => ({ type: "text", text }));
  return instructions.length === 0 ? messages : [{ role: "system", content: instructions }, ...messages];
}

/** Function responses become tool messages, before what else the turn says. */
function toUser(parts: readonly JsonObject[], calls: readonly Call[]): readonly JsonObject[] {
  const results = parts
    .filter((part) => part.functionResponse !== undefined)
    .map((part) => toToolMessage(asObject(part.functionResponse), calls));
  const rest = parts.filter((part) => part.functionResponse === undefined).map(toPart);
  return rest.length === 0 ? results : [...results, { role: "user", content: rest }];
}

function toToolMessage(response: JsonObject, calls: readonly Call[]): JsonObject {
  const call = calls.find(
    ({ id, name, answered }) => !answered && (response.id === undefined ? name === response.name : id === response.id),
  );
  if (call === undefined) throw new Inexpressible("function response without a function call");
  call.answered = true;
  const text = JSON.stringify(response.response);
  const parts = asList(response.parts);
  // Turnpike sends these in a turn after the response, because inside it the API does not look at them.
  if (parts.some(({ fileData }) => fileData !== undefined))
    throw new Inexpressible("file by address in a function response");
  const media = parts.map(toPart);
  const content = media.length === 0 ? text : [{ type: "text", text }, ...media];
  return { role: "tool", tool_call_id: call.id, content };
}

function toPart(part: JsonObject): JsonObject {
  if (part.text !== undefined) return { type: "text", text: asText(part.text) };
  if (part.inlineData !== undefined) return toInline(asObject(part.inlineData));
  if (part.fileData !== undefined) return toFile(asObject(part.fileData));
  throw new Inexpressible(`user part ${Object.keys(part).join("+")}`);
}

/** The API takes both alphabets of base64 (ProtoJSON, `bytes`); OpenAI takes the standard one. */
function toInline({ mimeType, data }: JsonObject): JsonObject {
  const type = asText(mimeType);
  const base64 = Buffer.from(asText(data), "base64").toString("base64");
  if (type.startsWith("image/")) return imagePart(`data:${type};base64,${base64}`);
  if (type.startsWith("audio/"))
    return { type: "input_audio", input_audio: { data: base64, format: type.slice("audio/".length) } };
  if (type.startsWith("video/")) throw new Inexpressible("video");
  return filePart({ data: `data:${type};base64,${base64}`, filename: undefined });
}

function toFile({ mimeType, fileUri }: JsonObject): JsonObject {
  const type = mimeType === undefined ? "" : asText(mimeType);
  if (type.startsWith("image/")) return imagePart(asText(fileUri));
  if (type === "" || type.startsWith("video/")) throw new Inexpressible("video");
  return filePart({ data: asText(fileUri), filename: undefined });
}

/** Thoughts first, then text, then calls: other orders have no usual form in a chat message. */
function toAssistant(parts: readonly JsonObject[], calls: Call[]): JsonObject {
  const content: JsonObject[] = [];
  const details: JsonObject[] = [];
  const toolCalls: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const detail = { format: "google-gemini-v1", index };
    const signature = part.thoughtSignature;
    if (part.functionCall !== undefined) {
      toolCalls.push(toCall(part, calls));
    } else if (part.text !== undefined && part.thought === true) {
      if (content.length + toolCalls.length > 0) throw new Inexpressible("thought after other parts");
      details.push({ type: "reasoning.text", text: part.text, ...present({ signature }), ...detail });
    } else if (part.text !== undefined) {
      if (toolCalls.length > 0) throw new Inexpressible("text after a function call");
      content.push({ type: "text", text: part.text });
      if (signature !== undefined)
        details.push({ type: "reasoning.encrypted", id: "text-signature", data: signature, ...detail });
    } else {
      throw new Inexpressible(`model part ${Object.keys(part).join("+")}`);
    }
  }
  return {
    role: "assistant",
    content: content.length === 0 ? null : content,
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
}

function toCall(part: JsonObject, calls: Call[]): JsonObject {
  const call = asObject(part.functionCall);
  const name = asText(call.name);
  const id = call.id === undefined ? `call_${calls.length}` : asText(call.id);
  calls.push({ id, name, answered: false });
  const signature = part.thoughtSignature;
  return {
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(call.args ?? {}) },
    ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
  };
}
