// Peek: what routing must know of a body of the responses endpoint.
import { type Json, object } from "../../json.ts";
import { seeFile } from "../../openai-chat/server/peek.ts";
import type { Peek } from "../../peek.ts";
import { eachObject, isEffort, isFilled, name, Sight, sessionIn, stringsIn, tokens } from "../../sight.ts";

/** What OpenAI keeps of earlier turns (`previous_response_id`) is not in the body: it is not counted, and its id names no session. */
export function peek(body: Json): Peek {
  const sight = new Sight();
  sight.text(body.instructions);
  if (typeof body.input === "string") {
    sight.message({ instructs: false });
    sight.text(body.input);
  } else eachObject(body.input, (item) => seeItem(item, sight));
  const format = object(object(body.text)?.format);
  for (const written of [body.tools, format?.schema]) if (written !== undefined) sight.json(written);
  return sight.peek({
    maxOutputTokens: tokens(body.max_output_tokens),
    tools: isFilled(body.tools),
    jsonSchema: format?.type === "json_schema",
    reasoning: isEffort(object(body.reasoning)?.effort),
    session: sessionIn(body) ?? name(body.conversation) ?? name(object(body.conversation)?.id),
    user: name(body.user) ?? name(body.safety_identifier),
    metadata: stringsIn(body.metadata),
  });
}

/** Messages, reasoning, calls of tools and their outputs: an item has some of these members, whatever its type. */
function seeItem(item: Json, sight: Sight): void {
  sight.message({ instructs: item.role === "system" || item.role === "developer" });
  seeParts(item.content, sight);
  seeParts(item.summary, sight);
  sight.text(item.name);
  sight.text(item.arguments ?? item.input ?? item.code);
  seeParts(item.output, sight);
}

function seeParts(content: unknown, sight: Sight): void {
  if (typeof content === "string") sight.text(content);
  else eachObject(content, (part) => seePart(part, sight));
}

function seePart(part: Json, sight: Sight): void {
  switch (part.type) {
    case "input_image":
    case "computer_screenshot":
      sight.images = true;
      break;
    case "input_file":
      seeFile(part.file_data, sight);
      break;
    case "input_audio":
      sight.audio = true;
      break;
    default:
      sight.text(part.text ?? part.refusal);
  }
}
