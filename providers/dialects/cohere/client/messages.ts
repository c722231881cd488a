// Turns a conversation's messages into Cohere's, and the files in them into documents.
import { toolInput } from "../../anthropic-messages/client/arguments.ts";
import { callKey, pairTools } from "../../anthropic-messages/client/pairing.ts";
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  Message,
  UserPart as NeutralPart,
  ToolResultPart,
} from "../../conversation.ts";
import { documentId } from "../answer.ts";
import type { ResultPart, UserPart, WireDocument, WireMessage, WireToolCall } from "../wire.ts";

export interface Prompt {
  readonly messages: readonly WireMessage[];
  /** Cohere keeps documents apart from messages: the model cites from them. */
  readonly documents: readonly WireDocument[];
}

interface Place {
  readonly path: string;
  readonly losses: Losses;
  readonly documents: WireDocument[];
}

/**
 * Messages stay where they are; those that say nothing are left out. A system message that is not among the first
 * becomes user text ("system turn must be the first in the list"). An assistant message that calls tools has no content
 * (it is refused): what it said, and its unsigned reasoning, are its `tool_plan`. Reasoning of finished turns is left
 * out.
 */
export function encodeMessages(messages: readonly Message[], losses: Losses): Prompt {
  const pairing = pairTools(messages, losses);
  const documents: WireDocument[] = [];
  const wire: WireMessage[] = [];
  const leading = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  messages.forEach((message, at) => {
    const path = `messages[${at}]`;
    if ("name" in message && message.name !== undefined) losses.drop(`${path}.name`, "has no place at Cohere");
    const place = { path, losses, documents };
    switch (message.role) {
      case "system":
      case "developer": {
        const content = message.content.map(({ text }) => text).join("\n\n");
        const role = leading === -1 || at < leading ? "system" : "user";
        if (!isBlank(content)) wire.push({ role, content });
        return;
      }
      case "user": {
        const content = message.content.flatMap((part, n) =>
          userPart(part, { ...place, path: `${path}.content[${n}]` }),
        );
        if (content.length > 0) wire.push({ role: "user", content: onlyText(content) ?? content });
        return;
      }
      case "assistant":
        wire.push(...assistantMessage(message.content, (n) => pairing.calls.get(callKey(at, n)), place));
        return;
      case "tool": {
        const id = pairing.results.get(at);
        if (id === undefined) return;
        wire.push({ role: "tool", tool_call_id: id, content: resultContent(message.content, place) });
      }
    }
  });
  return { messages: wire, documents };
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

/** The text of content that is one piece of text: the short form. */
function onlyText(content: readonly (UserPart | ResultPart)[]): string | null {
  const [first, ...others] = content;
  return first?.type === "text" && others.length === 0 ? first.text : null;
}

function userPart(part: NeutralPart, place: Place): readonly UserPart[] {
  switch (part.type) {
    case "text":
      return isBlank(part.text) ? [] : [{ type: "text", text: part.text }];
    case "image":
      return imagePart(part, place);
    case "file": {
      if (part.source.kind !== "file-id" && part.source.mediaType?.startsWith("image/")) {
        return imagePart({ type: "image", source: part.source }, place);
      }
      const document = documentOf(part, place);
      if (document !== null) place.documents.push(document);
      return [];
    }
    case "audio":
      place.losses.refuse(place.path, "is sound, which Cohere's models can't hear");
      return [];
  }
}

function imagePart({ source, detail }: ImagePart, { path, losses }: Place): readonly UserPart[] {
  if (source.kind === "file-id") {
    losses.refuse(path, "is given by the id of a file, which Cohere does not have");
    return [];
  }
  const url = source.kind === "url" ? source.url : `data:${source.mediaType};base64,${source.data}`;
  return [{ type: "image_url", image_url: { url, ...(detail !== undefined && { detail }) } }];
}

/** Text that has no `text/` name. */
const textTypes = /^(text\/.*|application\/(json|xml|yaml|x-yaml|javascript|typescript|sql|x-ndjson))$/;
const textNames = /\.(txt|md|csv|json|xml|ya?ml|html?)$/i;

/** A document is text. Its id tells its position in the request, so that a citation finds it again. */
function documentOf({ source, filename }: FilePart, { path, losses, documents }: Place): WireDocument | null {
  const type = source.kind === "base64" ? (source.mediaType.split(";")[0] ?? "").trim().toLowerCase() : "";
  const isText = textTypes.test(type) || (/^$|octet-stream/.test(type) && textNames.test(filename ?? ""));
  const text = source.kind === "base64" && isText ? decodeText(source.data) : null;
  if (text === null || isBlank(text)) {
    losses.refuse(path, "is a file that is no text in UTF-8, which is all that Cohere's models read");
    return null;
  }
  return { id: documentId(documents.length), data: { ...(filename !== null && { title: filename }), text } };
}

/** Base64 of UTF-8; null when it is not. */
function decodeText(data: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function assistantMessage(
  parts: readonly AssistantPart[],
  wireId: (position: number) => string | undefined,
  { path, losses }: Place,
): readonly WireMessage[] {
  const said: string[] = [];
  const planned: string[] = [];
  const calls: WireToolCall[] = [];
  parts.forEach((part, position) => {
    switch (part.type) {
      case "text":
      case "refusal":
        said.push(part.text);
        planned.push(part.text);
        return;
      case "reasoning":
        if (part.signature === undefined && part.encrypted === undefined) planned.push(part.text);
        return;
      case "tool-call": {
        const id = wireId(position);
        if (id !== undefined) calls.push(toolCall(id, part.name, part.arguments));
        return;
      }
      case "audio-reference":
      case "output-audio":
        losses.refuse(`${path}.content[${position}]`, "is sound, which Cohere's models can't hear");
        return;
      case "output-image":
        losses.refuse(
          `${path}.content[${position}]`,
          "is an image in an assistant message, which Cohere does not take",
        );
        return;
    }
  });
  if (calls.length > 0) {
    const plan = planned.filter((text) => !isBlank(text)).join("\n");
    return [{ role: "assistant", tool_calls: calls, ...(plan !== "" && { tool_plan: plan }) }];
  }
  const text = said.join("");
  return isBlank(text) ? [] : [{ role: "assistant", content: text }];
}

/** Arguments must be the text of an object; what is not is wrapped, so that the model sees its own slip. */
function toolCall(id: string, name: string, text: string): WireToolCall {
  const input = toolInput(text);
  const slipped = Object.hasOwn(input, "INVALID_JSON") || text.trim() === "";
  return { id, type: "function", function: { name, arguments: slipped ? JSON.stringify(input) : text } };
}

function resultContent(parts: readonly ToolResultPart[], place: Place): string | readonly ResultPart[] {
  const own: WireDocument[] = [];
  const content = parts.flatMap((part, n) =>
    resultPart(part, { ...place, path: `${place.path}.content[${n}]`, documents: own }),
  );
  return content.length === 0 ? "" : (onlyText(content) ?? content);
}

function resultPart(part: ToolResultPart, place: Place): readonly ResultPart[] {
  switch (part.type) {
    case "text":
      return isBlank(part.text) ? [] : [{ type: "text", text: part.text }];
    case "image":
      place.losses.refuse(place.path, "is an image in a tool result, which Cohere does not take");
      return [];
    case "file": {
      const document = documentOf(part, place);
      if (document === null) return [];
      place.documents.push(document);
      return [{ type: "document", document }];
    }
  }
}
