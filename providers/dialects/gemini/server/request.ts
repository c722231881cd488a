// Reads a client's request body into a conversation.
import type { Conversation, Foreign } from "../../conversation.ts";
import type { InvalidRequest } from "../../dialect.ts";
import { Invalid } from "../../fields.ts";
import type { Json } from "../../json.ts";
import { routingMembers } from "../../openai-chat/wire.ts";
import { readContents } from "./contents.ts";
import { readGenerationConfig } from "./generation-config.ts";
import { Members } from "./members.ts";
import { readTools } from "./tools.ts";

/**
 * Reads a body of generateContent or streamGenerateContent (Gemini API reference), in either spelling of its members. The
 * model and whether to stream stand in the URL; a `stream` in the body is the gateway's note of it. It is asked only when an
 * answer must be translated: what only Google's API can do is then `foreign`.
 */
export function readRequest(body: Json): Conversation | InvalidRequest {
  try {
    return readBody(body);
  } catch (error) {
    if (error instanceof Invalid) return error.request;
    throw error;
  }
}

function readBody(body: Json): Conversation {
  const members = new Members(body, "");
  const { messages, foreign: parts } = readContents(body);
  const { tools, toolChoice, foreign: others } = readTools(body);
  const { foreign: settings, ...config } = readGenerationConfig(body);
  const tier = members.string("serviceTier");
  const { extras, foreign: own } = readRest(members);
  return {
    messages,
    tools,
    toolChoice,
    parallelToolCalls: null,
    ...config,
    logitBias: null,
    verbosity: null,
    user: null,
    // Gemini's `standard` is OpenAI's `default`.
    serviceTier: tier === "standard" ? "default" : tier,
    stream: members.boolean("stream") ?? false,
    extras,
    foreign: [...parts, ...others, ...settings, ...own],
  };
}

/** Members that have a place in the conversation, or that only the gateway reads. */
const READ: ReadonlySet<string> = new Set([
  ...routingMembers,
  "model",
  "stream",
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "serviceTier",
  "dropParams",
]);

/** Google's own members, and whether an answer without them is still an answer to the question. */
const GOOGLE: ReadonlyMap<string, Omit<Foreign, "member">> = new Map([
  ["safetySettings", { reason: "are known to Gemini models only", droppable: true }],
  ["labels", { reason: "are known to Vertex AI only", droppable: true, hint: true }],
  ["modelArmorConfig", { reason: "is known to Vertex AI only", droppable: true }],
  ["cachedContent", { reason: "is a part of the prompt that is kept at Google", droppable: false }],
]);

/** Anything else may mean something to the provider that answers: it goes by the client's name for it. */
function readRest(body: Members): Pick<Conversation, "extras"> & { readonly foreign: readonly Foreign[] } {
  const extras: Record<string, unknown> = {};
  const foreign: Foreign[] = [];
  for (const { name, own } of body.names) {
    const google = GOOGLE.get(name);
    if (google !== undefined) foreign.push({ member: own, ...google });
    else if (!READ.has(name) && !READ.has(own)) extras[own] = body.json[own];
  }
  return { extras, foreign };
}
