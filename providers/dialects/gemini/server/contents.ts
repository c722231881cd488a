// Contents: a client's turns as messages. Function calls get ids where they have none, and responses find them by name.
import type {
  AssistantPart,
  Foreign,
  Message,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from "../../conversation.ts";
import { Invalid, missing, unknownWord } from "../../fields.ts";
import type { Json } from "../../json.ts";
import { Members } from "./members.ts";
import {
  type CallPart,
  kindOf,
  nameOf,
  readModelPart,
  readResponse,
  readResultPart,
  readUserPart,
} from "./read-parts.ts";

/** Where in the body a message and each of its parts came from, in the client's own spelling. */
export interface Place {
  readonly path: string;
  readonly parts: readonly string[];
}

export interface Contents {
  readonly messages: readonly Message[];
  /** One for each message. */
  readonly places: readonly Place[];
  readonly foreign: readonly Foreign[];
}

const roles = ["user", "model", "function"] as const;

/**
 * The messages of `systemInstruction` and `contents`.
 * @throws Invalid
 */
export function readContents(body: Json): Contents {
  return new ContentsReader(new Members(body, "")).read();
}

interface Placed<Part> {
  readonly part: Part;
  readonly path: string;
}

class ContentsReader {
  readonly #body: Members;
  readonly #messages: Message[] = [];
  readonly #places: Place[] = [];
  readonly #foreign: Foreign[] = [];
  /** Calls of the model's last turn that nobody has answered yet. */
  #pending: { readonly id: string; readonly name: string; readonly made: boolean }[] = [];
  /** The parts of the model's turn that is being read. Clients of streams give each chunk back as a content of its own. */
  #answer: { readonly path: string; readonly parts: Placed<AssistantPart>[] } | null = null;

  constructor(body: Members) {
    this.#body = body;
  }

  read(): Contents {
    this.#readSystem();
    const contents = this.#body.objects("contents") ?? missing("contents", "an array of at least one content");
    if (contents.length === 0) {
      throw new Invalid("contents", "Invalid 'contents': the array is empty. Send at least one content.");
    }
    for (const [turn, content] of contents.entries()) this.#readContent(content, turn);
    this.#endAnswer();
    return { messages: this.#messages, places: this.#places, foreign: this.#foreign };
  }

  /** A content, its parts alone, or a string (SDK, `ContentUnion`). */
  #readSystem(): void {
    const given = this.#body.raw("systemInstruction");
    if (given === undefined) return;
    const path = this.#body.at("systemInstruction");
    if (typeof given === "string") {
      this.#add({ role: "system", content: [{ type: "text", text: given }] }, path, [path]);
      return;
    }
    const bare = Array.isArray(given) || new Members(given, path).has("text");
    const parts = bare
      ? (this.#body.objects("systemInstruction") ?? [])
      : (new Members(given, path).objects("parts") ?? missing(`${path}.parts`, "an array of parts"));
    const content = parts.map((part): TextPart => {
      const text = part.string("text");
      if (text === null) throw new Invalid(part.path, `Invalid '${part.path}': a system instruction holds text only.`);
      return { type: "text", text };
    });
    if (content.length > 0)
      this.#add(
        { role: "system", content },
        path,
        parts.map((part) => part.path),
      );
  }

  #readContent(content: Members, turn: number): void {
    const role = content.string("role") || "user";
    if (!roles.some((known) => known === role)) unknownWord(role, roles, content.at("role"));
    const parts = content.objects("parts") ?? [];
    if (role === "model") {
      this.#readAnswer(content.path, parts, turn);
      return;
    }
    this.#endAnswer();
    if (parts.length === 0) missing(content.at("parts"), "an array of at least one part");
    this.#readUser(content.path, parts);
  }

  /** Responses go first: they belong right after the calls, wherever in its turn a client puts them. */
  #readUser(path: string, parts: readonly Members[]): void {
    const responses = parts.filter((part) => kindOf(part) === "functionResponse");
    for (const part of responses) this.#readResponse(part);
    const content: Placed<UserPart>[] = [];
    for (const part of parts) {
      if (responses.includes(part)) continue;
      const read = readUserPart(part, (foreign) => this.#foreign.push(foreign));
      if (read !== null) content.push({ part: read, path: part.path });
    }
    if (content.length === 0) return;
    this.#add(
      { role: "user", content: content.map(({ part }) => part) },
      path,
      content.map((placed) => placed.path),
    );
  }

  #readResponse(part: Members): void {
    const response = part.requiredObject("functionResponse");
    const toolCallId = this.#answered(response);
    const { text, isError } = readResponse(response);
    const content: ToolResultPart[] = [{ type: "text", text }];
    const paths = [response.at("response")];
    for (const held of response.objects("parts") ?? []) {
      const read = readResultPart(held, (foreign) => this.#foreign.push(foreign));
      if (read === null) continue;
      content.push(read);
      paths.push(held.path);
    }
    this.#add(
      { role: "tool", toolCallId, content, ...(isError === true && { isError }) },
      part.at("functionResponse"),
      paths,
    );
  }

  /** The call that a response answers: the one of its id, or else the first of its name that has no answer yet. */
  #answered(response: Members): string {
    const name = nameOf(response);
    const id = response.string("id") || null;
    const byId = this.#pending.findIndex((call) => call.id === id);
    // A client may number calls itself that came without an id.
    const found =
      byId === -1 ? this.#pending.findIndex((call) => call.name === name && (id === null || call.made)) : byId;
    const [call] = found === -1 ? [] : this.#pending.splice(found, 1);
    if (call !== undefined) return call.id;
    const path = response.at(id === null ? "name" : "id");
    const told = id === null ? `'${name}'` : `'${name}' with the id '${id}'`;
    const advice = "A response follows the model's content that called the function.";
    throw new Invalid(path, `Invalid '${path}': the content before it has no unanswered call of ${told}. ${advice}`);
  }

  #readAnswer(path: string, parts: readonly Members[], turn: number): void {
    if (this.#answer === null) {
      this.#answer = { path, parts: [] };
      this.#pending = [];
    }
    const answer = this.#answer.parts;
    let calls = 0;
    for (const part of parts) {
      const read = readModelPart(part, answer.length, (foreign) => this.#foreign.push(foreign));
      if (read === null || saysNothing(read.part)) continue;
      if (read.part.type === "tool-call") {
        const made = this.#call(read.part, turn, calls);
        answer.push({ part: made, path: part.path });
        calls += 1;
      } else if (isWords(read.part)) {
        const pieceOf = isOpen(read.part) ? (lastWords(answer)?.text.length ?? 0) : 0;
        addWords(answer, read.part, read.join ?? pieceOf, part.path);
      } else answer.push({ part: read.part, path: part.path });
    }
  }

  /** An id for a call without one: the same history gives the same ids, and nothing must be remembered. */
  #call(part: CallPart, turn: number, nth: number): ToolCallPart {
    const id = part.id ?? `call_${turn}_${nth}`;
    this.#pending.push({ id, name: part.name, made: part.id === null });
    return { ...part, id };
  }

  #endAnswer(): void {
    const answer = this.#answer;
    this.#answer = null;
    const parts = answer?.parts ?? [];
    if (answer === null || parts.length === 0) return;
    this.#add(
      { role: "assistant", content: parts.map(({ part }) => part) },
      answer.path,
      parts.map(({ path }) => path),
    );
  }

  #add(message: Message, path: string, parts: readonly string[]): void {
    this.#messages.push(message);
    this.#places.push({ path, parts });
  }
}

/** Empty pieces, which streams have at their end. */
function saysNothing(part: AssistantPart | CallPart): boolean {
  return (
    (part.type === "text" || part.type === "reasoning") &&
    part.text === "" &&
    part.signature === undefined &&
    (part.type === "text" || part.encrypted === undefined)
  );
}

type Words = Extract<AssistantPart, { type: "text" | "reasoning" | "refusal" }>;

function isWords(part: AssistantPart | undefined): part is Words {
  return part?.type === "text" || part?.type === "reasoning" || part?.type === "refusal";
}

function lastWords(answer: readonly Placed<AssistantPart>[]): Words | null {
  const last = answer.at(-1)?.part;
  return isWords(last) ? last : null;
}

function isOpen(part: Words): boolean {
  return part.type !== "refusal" && part.signature === undefined && !("encrypted" in part);
}

/**
 * Adds words to their turn. They take as much of the unsigned text before them as their envelope says; without one, unsigned
 * words are a piece of the unsigned part of their kind before them, as a stream's chunks are, whether a client gives these
 * back as contents of their own or gathers their parts in one.
 */
function addWords(answer: Placed<AssistantPart>[], part: Words, join: number, path: string): void {
  let { text } = part;
  let from = path;
  let left = join;
  for (let last = answer.at(-1); left > 0 && last !== undefined && precedes(last.part, part); last = answer.at(-1)) {
    const cut = Math.max(last.part.text.length - left, 0);
    left -= last.part.text.length - cut;
    text = last.part.text.slice(cut) + text;
    from = last.path;
    answer.pop();
    if (cut > 0) answer.push({ part: { ...last.part, text: last.part.text.slice(0, cut) }, path: last.path });
  }
  answer.push({ part: { ...part, text }, path: from });
}

/** Whether words without a proof can be the beginning of these: those of a refusal came as text. */
function precedes(before: AssistantPart, part: Words): before is Words {
  return isWords(before) && isOpen(before) && before.type === (part.type === "refusal" ? "text" : part.type);
}
