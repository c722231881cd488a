// Peek: what routing must know of a body of the Messages API.
import { type Json, object } from "../../json.ts";
import type { Peek } from "../../peek.ts";
import { eachObject, isEffort, isFilled, name, Sight, sessionIn, stringsIn, tokens } from "../../sight.ts";

export function peek(body: Json): Peek {
  const sight = new Sight();
  seeContent(body.system, sight);
  eachObject(body.messages, ({ role, content }) => {
    sight.message({ instructs: role === "system" });
    seeContent(content, sight);
  });
  const format = object(object(body.output_config)?.format) ?? object(body.output_format);
  for (const written of [body.tools, format?.schema]) if (written !== undefined) sight.json(written);
  const { user, session } = namesIn(object(body.metadata)?.user_id);
  return sight.peek({
    maxOutputTokens: tokens(body.max_tokens),
    tools: isFilled(body.tools),
    jsonSchema: format?.type === "json_schema",
    reasoning: asksToReason(body),
    session: sessionIn(body) ?? session,
    user,
    metadata: stringsIn(body.metadata),
  });
}

/** How deep blocks stand in blocks: a document's content in a tool's result. */
const deepest = 3;

function seeContent(content: unknown, sight: Sight, depth = deepest): void {
  if (typeof content === "string") sight.text(content);
  else if (depth > 0) eachObject(content, (block) => seeBlock(block, sight, depth - 1));
}

function seeBlock(block: Json, sight: Sight, depth: number): void {
  switch (block.type) {
    case "text":
      sight.text(block.text);
      break;
    case "thinking":
      sight.text(block.thinking);
      break;
    case "image":
      sight.images = true;
      break;
    case "document":
      sight.text(block.title);
      sight.text(block.context);
      seeSource(object(block.source), sight, depth);
      break;
    default:
      // Calls of tools, of the client's and of Anthropic's own, and their results; search results.
      sight.text(block.name);
      if (block.input !== undefined) sight.json(block.input);
      seeContent(block.content, sight, depth);
  }
}

/** A document that is text needs nothing of a model that reads no files. */
function seeSource(source: Json | null, sight: Sight, depth: number): void {
  switch (source?.type) {
    case "text":
      sight.text(source.data);
      break;
    case "content":
      seeContent(source.content, sight, depth);
      break;
    default:
      sight.documents = true;
  }
}

/** A budget or an effort; `adaptive` leaves it to the model. */
function asksToReason({ thinking, output_config: config }: Json): boolean {
  const type = object(thinking)?.type;
  if (type === "enabled") return true;
  return type !== "disabled" && type !== "between_tools" && isEffort(object(config)?.effort);
}

/**
 * Claude Code puts its session into `metadata.user_id`: `user_<hash>_account_<uuid>_session_<uuid>`, since 2.1.78 as JSON,
 * `{"device_id", "account_uuid", "session_id"}` (ding113/claude-code-hub#939). What others send is a user.
 */
function namesIn(value: unknown): { readonly user: string | null; readonly session: string | null } {
  const id = name(value);
  if (id === null) return { user: null, session: null };
  const told = id.startsWith("{") ? parsed(id) : null;
  if (told !== null) {
    return { user: name(told.account_uuid) ?? name(told.device_id), session: name(told.session_id) };
  }
  const at = id.startsWith("user_") ? id.lastIndexOf("_session_") : -1;
  if (at === -1) return { user: id, session: null };
  return { user: id.slice(0, at), session: name(id.slice(at + "_session_".length)) };
}

function parsed(text: string): Json | null {
  try {
    return object(JSON.parse(text));
  } catch {
    return null;
  }
}
