// Peek: what routing must know of a chat body.
import { type Json, object } from "../../json.ts";
import type { Peek } from "../../peek.ts";
import { eachObject, isEffort, isFilled, name, Sight, sessionIn, stringsIn, tokens } from "../../sight.ts";

export function peek(body: Json): Peek {
  const sight = new Sight();
  eachObject(body.messages, (message) => seeMessage(message, sight));
  const schema = object(object(body.response_format)?.json_schema)?.schema;
  for (const written of [body.tools, body.functions, schema]) if (written !== undefined) sight.json(written);
  return sight.peek({
    maxOutputTokens: tokens(body.max_completion_tokens) ?? tokens(body.max_tokens),
    tools: isFilled(body.tools) || isFilled(body.functions),
    jsonSchema: object(body.response_format)?.type === "json_schema",
    reasoning: asksToReason(body),
    session: sessionIn(body),
    user: name(body.user) ?? name(body.safety_identifier),
    metadata: stringsIn(body.metadata),
  });
}

function seeMessage(message: Json, sight: Sight): void {
  const { role, content } = message;
  sight.message({ instructs: role === "system" || role === "developer" });
  if (Array.isArray(content)) eachObject(content, (part) => seePart(part, sight));
  else sight.text(content);
  if (role !== "assistant") return;
  sight.text(message.refusal);
  sight.text(message.reasoning_content ?? message.reasoning);
  eachObject(message.function_call, (call) => seeCall(call, sight));
  eachObject(message.tool_calls, ({ function: called, custom }) => {
    eachObject(called, (call) => seeCall(call, sight));
    eachObject(custom, (call) => seeCall(call, sight));
  });
}

function seeCall(call: Json, sight: Sight): void {
  sight.text(call.name);
  sight.text(call.arguments ?? call.input);
}

/** Parts of OpenAI's, and those that compatible servers take beside them (vLLM, "Multimodal Inputs"; OpenRouter). */
function seePart(part: Json, sight: Sight): void {
  switch (part.type) {
    case "text":
      sight.text(part.text);
      break;
    case "image_url":
      sight.images = true;
      break;
    case "file":
      seeFile(object(part.file)?.file_data, sight);
      break;
    case "input_audio":
    case "audio_url":
      sight.audio = true;
      break;
    case "video_url":
      sight.video = true;
      break;
    default:
      sight.text(part.text ?? part.refusal);
  }
}

/** `file_data`: bytes as a `data:` URL. Whatever else it is, or a file that is only named, is a document. */
export function seeFile(data: unknown, sight: Sight): void {
  sight.file(typeof data === "string" && data.startsWith("data:") ? data.slice("data:".length, 20) : "", data);
}

/** `reasoning_effort`, or OpenRouter's `reasoning`. */
function asksToReason({ reasoning_effort: effort, reasoning }: Json): boolean {
  const wanted = object(reasoning);
  if (wanted?.enabled === false) return false;
  return (
    isEffort(effort) || isEffort(wanted?.effort) || wanted?.enabled === true || tokens(wanted?.max_tokens) !== null
  );
}
