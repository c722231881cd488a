// Writes the turns of a conversation as the one text that most models at Replicate take.
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import type { AssistantPart, Message, Source, TextPart } from "../../conversation.ts";

export interface Prompt {
  /** Instructions, in their order; empty when there are none. */
  readonly system: string;
  readonly turns: readonly Turn[];
  /** Addresses of pictures, or the pictures as `data:` URLs. */
  readonly images: readonly string[];
}

interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** What no model here takes is refused by its place in the conversation. */
export function readPrompt(messages: readonly Message[], losses: Losses): Prompt {
  const system: string[] = [];
  const turns: Turn[] = [];
  const images: string[] = [];
  for (const [at, message] of messages.entries()) {
    const place = `messages[${at}]`;
    switch (message.role) {
      case "system":
      case "developer":
        system.push(textOf(message.content));
        break;
      case "tool":
        losses.refuse(place, "is a tool's result, and models at Replicate call no tools");
        break;
      case "assistant":
        turns.push({ role: "assistant", text: spoken(message.content, place, losses) });
        break;
      case "user": {
        const texts: TextPart[] = [];
        for (const [index, part] of message.content.entries()) {
          const image = part.type === "image" ? addressOf(part.source) : null;
          if (part.type === "text") texts.push(part);
          else if (image !== null) images.push(image);
          else losses.refuse(`${place}.content[${index}]`, "can't be given to models at Replicate");
        }
        turns.push({ role: "user", text: textOf(texts) });
      }
    }
  }
  return { system: system.join("\n\n"), turns, images };
}

/** One question is the prompt itself; of a longer conversation each turn is named, and the next one is the assistant's. */
export function promptText(turns: readonly Turn[]): string {
  const [first] = turns;
  if (first !== undefined && turns.length === 1 && first.role === "user") return first.text;
  const named = turns.map(({ role, text }) => `${role === "user" ? "User" : "Assistant"}: ${text}`);
  return [...named, "Assistant:"].join("\n\n");
}

function textOf(parts: readonly TextPart[]): string {
  return parts.map(({ text }) => text).join("\n");
}

/** Reasoning is left out, as everywhere that it can't be proved to be the model's own. */
function spoken(content: readonly AssistantPart[], place: string, losses: Losses): string {
  return content
    .flatMap((part, index) => {
      if (part.type === "text" || part.type === "refusal") return [part.text];
      if (part.type !== "reasoning") {
        losses.refuse(`${place}.content[${index}]`, "can't be given to models at Replicate");
      }
      return [];
    })
    .join("\n");
}

function addressOf(source: Source): string | null {
  switch (source.kind) {
    case "url":
      return source.url;
    case "base64":
      return `data:${source.mediaType};base64,${source.data}`;
    case "file-id":
      return null;
  }
}
