// Input: a client's `instructions` and `input`, checked item by item, as messages. Neighbouring items of the model make one
// message.
import type { AssistantPart, Foreign, Message } from "../../conversation.ts";
import { asObject, at, Invalid, optionalList, optionalString, requiredString, unknownWord } from "../../fields.ts";
import { type Json, object, text } from "../../json.ts";
import { TurnReader } from "../turn.ts";
import { type Read, readResult, readTexts, readUserContent } from "./content.ts";

export interface Input {
  readonly messages: readonly Message[];
  /** Where each message and each of its parts came from in the client's body. */
  readonly places: readonly Place[];
  /** Items that only OpenAI's own API can read: those of built-in tools. */
  readonly foreign: readonly Foreign[];
}

export interface Place {
  readonly path: string;
  readonly parts: readonly string[];
}

/** @throws Invalid */
export function readInput(body: Json): Input {
  const reader = new InputReader();
  const instructions = optionalString(body, "instructions");
  if (instructions !== null && instructions !== "") {
    const content = { parts: [{ type: "text" as const, text: instructions }], places: ["instructions"] };
    reader.add({ role: "system", content: content.parts }, "instructions", content);
  }
  const input = body.input ?? null;
  if (typeof input === "string") {
    const content = { parts: [{ type: "text" as const, text: input }], places: ["input"] };
    reader.add({ role: "user", content: content.parts }, "input", content);
  } else if (input !== null) {
    for (const [index, value] of (optionalList(body, "input") ?? []).entries()) {
      const path = `input[${index}]`;
      reader.read(asObject(value, path), path);
    }
  }
  const read = reader.finish();
  if (read.messages.length === 0 && read.foreign.length === 0) {
    throw new Invalid("input", "Missing required parameter: 'input', a string or an array of at least one item.");
  }
  return read;
}

class InputReader {
  readonly #messages: Message[] = [];
  readonly #places: Place[] = [];
  readonly #foreign: Foreign[] = [];
  #turn: { readonly reader: TurnReader; readonly path: string } | null = null;

  read(item: Json, path: string): void {
    switch (typeOf(item)) {
      case "message":
        this.#message(item, path);
        return;
      case "reasoning":
        optionalList(item, "summary", path);
        optionalList(item, "content", path);
        optionalString(item, "encrypted_content", path);
        this.#say(item, path);
        return;
      case "function_call":
        requiredString(item, "call_id", path);
        requiredString(item, "name", path);
        optionalString(item, "arguments", path);
        this.#say(item, path);
        return;
      case "function_call_output": {
        const toolCallId = requiredString(item, "call_id", path);
        const content = readResult(item, path);
        this.add({ role: "tool", toolCallId, content: content.parts }, path, content);
        return;
      }
      case "item_reference": {
        const id = requiredString(item, "id", path);
        const advice = "Send the item itself, or `previous_response_id` of a response that this gateway stored.";
        throw new Invalid(at(path, "id"), `Item with id '${id}' not found. ${advice}`);
      }
      default:
        if (text(item.result) === null || !this.#say(item, path)) this.#refuse(item, path);
    }
  }

  add(message: Message, path: string, content: Read<unknown>): void {
    this.#close();
    this.#messages.push(message);
    this.#places.push({ path, parts: content.places });
  }

  finish(): Input {
    this.#close();
    return { messages: this.#messages, places: this.#places, foreign: this.#foreign };
  }

  #message(item: Json, path: string): void {
    const role = requiredString(item, "role", path);
    switch (role) {
      case "system":
      case "developer": {
        const content = readTexts(item, path);
        this.add({ role, content: content.parts }, path, content);
        return;
      }
      case "user": {
        const content = readUserContent(item, path);
        this.add({ role, content: content.parts }, path, content);
        return;
      }
      case "assistant":
        checkAnswer(item, path);
        this.#say({ ...item, type: "message" }, path);
        return;
      default:
        unknownWord(role, ["user", "assistant", "system", "developer"], at(path, "role"));
    }
  }

  /** @returns false for an item that has no part in a message. */
  #say(item: Json, path: string): boolean {
    // What encrypted content is that no envelope holds, only OpenAI can say: this is its API.
    this.#turn ??= { reader: new TurnReader("openai"), path };
    return this.#turn.reader.add(item, path);
  }

  #refuse(item: Json, path: string): void {
    const type = text(item.type) ?? "unknown";
    const reason = `is an item of type \`${type}\`, which this provider has no form for`;
    this.#foreign.push({ member: path, reason, droppable: false });
  }

  #close(): void {
    if (this.#turn === null) return;
    const { reader, path } = this.#turn;
    this.#turn = null;
    if (reader.parts.length === 0) return;
    const content: readonly AssistantPart[] = reader.parts;
    this.#messages.push({ role: "assistant", content });
    this.#places.push({ path, parts: reader.places });
  }
}

/** A message may leave its type out, and so may a reference, which is nothing but an id. */
function typeOf(item: Json): string {
  const type = text(item.type);
  if (type !== null) return type;
  return item.role === undefined && text(item.id) !== null ? "item_reference" : "message";
}

const answerTypes = ["output_text", "refusal", "input_text"] as const;

/** `content` of an assistant message: a string, or an array of texts and refusals. */
function checkAnswer(item: Json, path: string): void {
  if (typeof item.content === "string") return;
  const place = at(path, "content");
  if (!Array.isArray(item.content)) {
    throw new Invalid(place, `Invalid type for '${place}': expected a string or an array of content parts.`);
  }
  for (const [index, value] of item.content.entries()) {
    const spot = `${place}[${index}]`;
    const part = asObject(value, spot);
    const type = requiredString(part, "type", spot);
    if (!answerTypes.some((known) => known === type)) unknownWord(type, answerTypes, at(spot, "type"));
    const name = type === "refusal" ? "refusal" : "text";
    if (optionalString(part, name, spot) === null) {
      throw new Invalid(at(spot, name), `Missing required parameter: '${at(spot, name)}', a string.`);
    }
    for (const [nth, annotation] of (optionalList(part, "annotations", spot) ?? []).entries()) {
      if (object(annotation) === null) asObject(annotation, `${at(spot, "annotations")}[${nth}]`);
    }
  }
}
