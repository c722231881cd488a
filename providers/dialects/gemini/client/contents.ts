// Turns messages into Gemini's contents: two roles, tool results by name, signatures on the parts they came on.
import type { AssistantPart, Conversation, Message, Signature, TextPart, UserPart } from "../../conversation.ts";
import type { Unsupported } from "../../dialect.ts";
import { argumentsObject } from "../arguments.ts";
import type { WireContent, WirePart } from "../wire.ts";
import type { Generation } from "./generation.ts";
import { encodeSound, encodeSource } from "./media.ts";
import { encodeToolResult, type ToolMessage } from "./tool-results.ts";

/**
 * Stands in for the signature of a function call that Gemini did not make, or whose signature the client lost: Gemini 3
 * answers 400 to a turn whose first function call has none (ai.google.dev, "Thought signatures", FAQ; recording
 * `test_tool_search-test_anthropic_to_google_deferred_capability_history_replay.3` sends it on another vendor's calls).
 */
const NO_SIGNATURE = "skip_thought_signature_validator";

/** A first turn for histories that begin with the model's words, which the API refuses. */
const OPENING: WirePart = { text: "." };

export interface Contents {
  readonly contents: WireContent[];
  readonly systemInstruction: { readonly parts: WirePart[] } | null;
  readonly unsupported: readonly Unsupported[];
}

/** The messages as contents. They begin with a user turn, and no turn is empty. */
export function encodeContents(messages: Conversation["messages"], generation: Generation): Contents {
  return new ContentsWriter(messages, generation).write();
}

/**
 * `results` turns hold function responses alone. They are kept apart from the user's words that follow, as in all recordings
 * of tool loops: the API counts the responses of a turn against the calls of the one before.
 */
interface Turn {
  readonly kind: "user" | "results" | "model";
  readonly parts: WirePart[];
}

class ContentsWriter {
  readonly #messages: Conversation["messages"];
  readonly #generation: Generation;
  readonly #turns: Turn[] = [];
  readonly #system: WirePart[] = [];
  readonly #unsupported: Unsupported[] = [];
  /** The name of each call by its id: results have only the id, and Gemini wants the name. */
  readonly #names = new Map<string, string>();
  /** Attachments of tool results, until the last result of the turn. */
  #attachments: WirePart[] = [];
  /** Where the tool loop that the answer continues began; beyond the end when the last message is not a tool's. */
  readonly #loopStart: number;

  constructor(messages: Conversation["messages"], generation: Generation) {
    this.#messages = messages;
    this.#generation = generation;
    this.#loopStart =
      messages.at(-1)?.role === "tool" ? messages.findLastIndex(({ role }) => role === "user") + 1 : messages.length;
  }

  write(): Contents {
    for (const [index, message] of this.#messages.entries()) {
      if (message.role !== "tool") this.#flushAttachments();
      this.#message(message, index);
    }
    this.#flushAttachments();
    // A system message alone is what there is to answer.
    if (this.#turns.length === 0) this.#add("user", this.#system.splice(0));
    if (this.#turns[0]?.kind === "model") this.#turns.unshift({ kind: "user", parts: [OPENING] });
    if (this.#turns.length === 0) this.#refuse("messages", "must hold something to answer");
    if (this.#generation.version >= 3) for (const turn of this.#turns) signCalls(turn);
    return {
      contents: this.#turns.map(({ kind, parts }) => ({ role: kind === "model" ? "model" : "user", parts })),
      systemInstruction: this.#system.length === 0 ? null : { parts: this.#system },
      unsupported: this.#unsupported,
    };
  }

  #message(message: Message, index: number): void {
    if (message.role !== "tool" && message.name !== undefined) {
      this.#unsupported.push({
        member: `messages[${index}].name`,
        reason: "is not supported: Gemini's turns have no names",
        droppable: true,
      });
    }
    switch (message.role) {
      case "system":
      case "developer":
        this.#instruct(message.content);
        break;
      case "user":
        this.#add(
          "user",
          message.content.flatMap((part, at) => this.#userPart(part, `messages[${index}].content[${at}]`)),
        );
        break;
      case "assistant":
        this.#add(
          "model",
          message.content.flatMap((part, at) => this.#assistantPart(part, index, at)),
        );
        break;
      case "tool":
        this.#toolResult(message, index);
        break;
    }
  }

  /** Leading instructions are the system instruction; later ones, and all of Gemma's, are user text where they stand. */
  #instruct(content: readonly TextPart[]): void {
    const parts = content.flatMap(({ text }) => (text === "" ? [] : [{ text }]));
    if (this.#turns.length === 0 && this.#generation.family !== "gemma") this.#system.push(...parts);
    else this.#add("user", parts);
  }

  #userPart(part: UserPart, member: string): readonly WirePart[] {
    switch (part.type) {
      case "text":
        return part.text === "" ? [] : [{ text: part.text }];
      case "audio":
        return [encodeSound(part.data, part.format)];
      case "image":
        return this.#media(encodeSource(part.source, { fallback: "image/jpeg" }), member);
      case "file":
        return this.#media(encodeSource(part.source, { filename: part.filename, fallback: "application/pdf" }), member);
    }
  }

  #assistantPart(part: AssistantPart, index: number, at: number): readonly WirePart[] {
    const member = `messages[${index}].content[${at}]`;
    switch (part.type) {
      case "text":
        return worded({ text: part.text, ...signed(part.signature) });
      case "refusal":
        return worded({ text: part.text });
      case "reasoning":
        // Reasoning of another vendor is shown as thought, unsigned (recording
        // `test_google-test_google_model_thinking_part_from_other_model.1`); encrypted, it means nothing to Gemini.
        if (part.text === "" && part.encrypted !== undefined && index >= this.#loopStart) {
          this.#unsupported.push({ member, reason: "is another vendor's encrypted reasoning", droppable: true });
        }
        return worded({ text: part.text, thought: true, ...signed(part.signature) });
      case "tool-call":
        this.#names.set(part.id, part.name);
        return [
          {
            functionCall: { id: part.id, name: part.name, args: argumentsObject(part.arguments) },
            ...signed(part.signature),
          },
        ];
      case "output-image":
        return this.#media(encodeSource(part.source, { fallback: "image/png" }), member).map((media) => ({
          ...media,
          ...signed(part.signature),
        }));
      case "output-audio":
        return worded({ text: part.transcript });
      case "audio-reference":
        this.#refuse(member, "refers to sound that the Gemini API did not keep");
        return [];
    }
  }

  #toolResult(message: ToolMessage, index: number): void {
    const name = this.#names.get(message.toolCallId);
    if (name === undefined) {
      this.#refuse(`messages[${index}]`, "answers a tool call that is not in the conversation");
      return;
    }
    const { response, attachments, refused } = encodeToolResult(message, name, this.#generation);
    for (const { position, reason } of refused) this.#refuse(`messages[${index}].content[${position}]`, reason);
    this.#attachments.push(...attachments);
    this.#add("results", [{ functionResponse: response }]);
  }

  #flushAttachments(): void {
    this.#add("user", this.#attachments);
    this.#attachments = [];
  }

  #media(encoded: WirePart | { readonly reason: string }, member: string): readonly WirePart[] {
    if (!("reason" in encoded)) return [encoded];
    this.#refuse(member, encoded.reason);
    return [];
  }

  #refuse(member: string, reason: string): void {
    this.#unsupported.push({ member, reason, droppable: false });
  }

  /** Consecutive turns of a kind are one turn. */
  #add(kind: Turn["kind"], parts: readonly WirePart[]): void {
    if (parts.length === 0) return;
    const last = this.#turns.at(-1);
    if (last?.kind === kind) last.parts.push(...parts);
    else this.#turns.push({ kind, parts: [...parts] });
  }
}

/** The part, unless it has neither text nor signature: empty text is refused, an empty signed part must come back. */
function worded(part: WirePart): readonly WirePart[] {
  return part.text === "" && part.thoughtSignature === undefined ? [] : [part];
}

/** A signature goes back only to the vendor that made it. */
function signed(signature: Signature | undefined): { thoughtSignature?: string } {
  return signature?.vendor === "google" ? { thoughtSignature: signature.value } : {};
}

/** Marks the first function call of a turn without signatures. Of parallel calls only the first carries one. */
function signCalls({ parts }: Turn): void {
  const calls = parts.filter((part) => part.functionCall !== undefined);
  const first = calls[0];
  if (first !== undefined && calls.every((part) => part.thoughtSignature === undefined)) {
    first.thoughtSignature = NO_SIGNATURE;
  }
}
