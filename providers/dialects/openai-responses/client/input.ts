// Writes the messages of a conversation as input items.
import type { AssistantPart, FilePart, Message, ReasoningPart, ToolResultPart, UserPart } from "../../conversation.ts";
import type { Unsupported } from "../../dialect.ts";
import { urlOfSource, writeDataUrl } from "../../media.ts";
import { carries } from "../../openai-chat/assistant.ts";
import { fittingCallId } from "../call-id.ts";
import type { Behaviour } from "../quirks.ts";

type Wire = Record<string, unknown>;

/** Where parts that the server can't take are noted, under their path. */
interface Context {
  readonly quirks: Behaviour;
  readonly unsupported: Unsupported[];
}

export function writeInput(messages: readonly Message[], quirks: Behaviour, unsupported: Unsupported[]): Wire[] {
  const context: Context = { quirks, unsupported };
  return messages.flatMap((message, at) => writeMessage(message, `messages[${at}]`, context));
}

function writeMessage(message: Message, path: string, context: Context): Wire[] {
  if ("name" in message && message.name !== undefined) {
    const reason = "has no place in OpenAI's responses API";
    context.unsupported.push({ member: `${path}.name`, reason, droppable: true });
  }
  switch (message.role) {
    case "system":
    case "developer": {
      const role = message.role === "developer" && !context.quirks.developerRole ? "system" : message.role;
      return [{ role, content: writeContent(message.content) }];
    }
    case "user":
      return [{ role: "user", content: writeContent(message.content) }];
    case "assistant":
      return writeTurn(message.content, path, context);
    case "tool":
      return [
        {
          type: "function_call_output",
          call_id: fittingCallId(message.toolCallId),
          output: writeContent(message.content),
        },
      ];
  }
}

/** One text as a string, which every server takes; anything else as parts. */
function writeContent(parts: readonly (UserPart | ToolResultPart)[]): unknown {
  const [only] = parts;
  if (only === undefined) return "";
  if (parts.length === 1 && only.type === "text") return only.text;
  return parts.map(writePart);
}

function writePart(part: UserPart): Wire {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return {
        type: "input_image",
        ...(part.source.kind === "file-id" ? { file_id: part.source.id } : { image_url: urlOfSource(part.source) }),
        detail: part.detail ?? "auto",
      };
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
    case "file":
      return writeFile(part);
  }
}

/** By id, by URL, or as bytes, PDF or text (recording `*_text_document_url_input.0`). */
function writeFile({ source, filename }: FilePart): Wire {
  switch (source.kind) {
    case "file-id":
      return { type: "input_file", file_id: source.id };
    case "url":
      return { type: "input_file", file_url: source.url };
    case "base64": {
      const file_data = writeDataUrl(source.mediaType, source.data);
      return { type: "input_file", filename: filename ?? defaultName(source.mediaType), file_data };
    }
  }
}

/** Bytes need a name, and its ending must fit. */
function defaultName(mediaType: string): string {
  return mediaType.startsWith("text/") ? "file.txt" : "file.pdf";
}

/**
 * An earlier answer. Reasoning stands before what it led to; at the end of a turn it led to nothing, and OpenAI refuses
 * it ("was provided without its required following item").
 */
function writeTurn(content: readonly AssistantPart[], path: string, context: Context): Wire[] {
  const items: Wire[] = [];
  const end = content.findLastIndex((part) => part.type !== "reasoning" && speaks(part));
  let said: Wire[] = [];
  const close = (): void => {
    if (said.length > 0) items.push({ role: "assistant", content: shortened(said) });
    said = [];
  };
  for (const [index, part] of content.slice(0, end + 1).entries()) {
    if (part.type !== "reasoning" && !speaks(part)) continue;
    switch (part.type) {
      case "text":
        said.push({ type: "output_text", text: part.text });
        break;
      case "refusal":
        said.push({ type: "refusal", refusal: part.text });
        break;
      case "reasoning": {
        const item = writeReasoning(part, context.quirks);
        if (item === null) break;
        close();
        items.push(item);
        break;
      }
      case "tool-call":
        close();
        items.push({
          type: "function_call",
          call_id: fittingCallId(part.id),
          name: part.name,
          arguments: part.arguments === "" ? "{}" : part.arguments,
        });
        break;
      default: {
        const what = part.type === "output-image" ? "a picture" : "sound";
        const reason = `is ${what} in an earlier answer, which OpenAI's responses API can't take back`;
        context.unsupported.push({ member: `${path}.content[${index}]`, reason, droppable: false });
      }
    }
  }
  close();
  return items;
}

/** A text that is there for its signature alone says nothing here. */
function speaks(part: AssistantPart): boolean {
  return carries(part) && !(part.type === "text" && part.text === "");
}

function shortened(said: readonly Wire[]): unknown {
  const [only] = said;
  return said.length === 1 && only?.type === "output_text" ? only.text : said;
}

/**
 * Reasoning goes back encrypted, to the vendor that encrypted it, or as plain text to a server that takes that. No id is
 * needed with a ciphertext (recordings of OpenAI, Azure and xAI: `*-can-use-tools-*-3-stream`).
 */
function writeReasoning({ text, encrypted }: ReasoningPart, { vendor, plainReasoning }: Behaviour): Wire | null {
  if (encrypted !== undefined && encrypted.vendor === vendor) {
    const summary = text === "" ? [] : [{ type: "summary_text", text }];
    return { type: "reasoning", summary, encrypted_content: encrypted.value };
  }
  if (!plainReasoning || text === "") return null;
  return { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text }] };
}
