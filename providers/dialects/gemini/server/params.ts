// Params: what a client of the Gemini API calls a member of the conversation.
import { Invalid } from "../../fields.ts";
import type { Json } from "../../json.ts";
import { type Place, readContents } from "./contents.ts";
import { Members, pathTo } from "./members.ts";
import { readTools } from "./tools.ts";

/** Members of `generationConfig`, by the conversation's names. */
const config: Readonly<Record<string, string>> = {
  temperature: "temperature",
  topP: "topP",
  topK: "topK",
  choices: "candidateCount",
  maxOutputTokens: "maxOutputTokens",
  stop: "stopSequences",
  seed: "seed",
  presencePenalty: "presencePenalty",
  frequencyPenalty: "frequencyPenalty",
  logprobs: "responseLogprobs",
  modalities: "responseModalities",
  audioOutput: "speechConfig",
};

/**
 * @param member A member's name or path (`maxOutputTokens`, `reasoning.effort`, `messages[2].content[0]`), or the name of an
 *   extra or of something foreign, which is the client's own.
 * @param body The client's body, whose spelling is kept.
 */
export function paramOf(member: string, body: Json): string {
  const [, name = member, rest = ""] = /^([^.[]+)(.*)$/s.exec(member) ?? [];
  const own = config[name];
  if (own !== undefined) return pathTo(body, ["generationConfig", own]);
  switch (name) {
    case "output":
      return outputParam(body);
    case "reasoning":
      return reasoningParam(rest, body);
    case "toolChoice":
      return pathTo(body, ["toolConfig", "functionCallingConfig"]);
    case "serviceTier":
      return pathTo(body, ["serviceTier"]);
    case "tools":
      return toolParam(rest, body);
    case "messages":
      return messageParam(rest, body);
    default:
      return member;
  }
}

function outputParam(body: Json): string {
  const given = (name: string) => pathTo(body, ["generationConfig", name]);
  const settings = orNull(() => new Members(body, "").object("generationConfig"));
  const name = ["responseJsonSchema", "responseSchema"].find((schema) => settings?.has(schema));
  return given(name ?? "responseMimeType");
}

function reasoningParam(rest: string, body: Json): string {
  const thinking = ["generationConfig", "thinkingConfig"];
  switch (rest) {
    case ".effort":
      return pathTo(body, [...thinking, "thinkingLevel"]);
    case ".budgetTokens":
      return pathTo(body, [...thinking, "thinkingBudget"]);
    case ".includeText":
      return pathTo(body, [...thinking, "includeThoughts"]);
    default:
      return pathTo(body, thinking);
  }
}

/** The nth function among all declared. A tool of Google's is foreign, and named by its own path (`tools[0].googleSearch`). */
function toolParam(rest: string, body: Json): string {
  const [, index, inner = ""] = /^\[(\d+)\](|\.(?:name|description|parameters|strict)\b.*)$/s.exec(rest) ?? [];
  if (index === undefined) return `tools${rest}`;
  const path = orNull(() => readTools(body).paths[Number(index)] ?? null);
  return path === null ? `tools${rest}` : path + inner;
}

function messageParam(rest: string, body: Json): string {
  const [, message, part] = /^\[(\d+)\](?:\.content\[(\d+)\])?/.exec(rest) ?? [];
  const place: Place | null = orNull(() => readContents(body).places[Number(message)] ?? null);
  if (place === null) return "contents";
  return (part === undefined ? undefined : place.parts[Number(part)]) ?? place.path;
}

/** Null where the body could not be read, and the client is told of that instead. */
function orNull<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Invalid) return null;
    throw error;
  }
}
