// Peek: what routing must know of a body of generateContent, in either of Google's two spellings.
import { type Json, object } from "../../json.ts";
import type { Peek } from "../../peek.ts";
import { eachObject, isFilled, Sight, sessionIn, stringsIn, tokens } from "../../sight.ts";

export function peek(body: Json): Peek {
  const sight = new Sight();
  const instruction = body.systemInstruction ?? body.system_instruction;
  sight.text(instruction);
  eachObject(instruction, (content) => seeParts(content.parts ?? content, sight));
  eachObject(body.contents, (content) => {
    sight.message({ instructs: false });
    seeParts(content.parts, sight);
  });
  const config = object(body.generationConfig ?? body.generation_config);
  const schema =
    config?.responseSchema ?? config?.response_schema ?? config?.responseJsonSchema ?? config?.response_json_schema;
  for (const written of [body.tools, schema]) if (written !== undefined) sight.json(written);
  return sight.peek({
    maxOutputTokens: tokens(config?.maxOutputTokens ?? config?.max_output_tokens),
    tools: isFilled(body.tools) || object(body.tools) !== null,
    jsonSchema: object(schema) !== null,
    reasoning: asksToReason(object(config?.thinkingConfig ?? config?.thinking_config)),
    session: sessionIn(body),
    user: null,
    // Vertex AI's.
    metadata: stringsIn(body.labels),
  });
}

/** How deep parts stand in parts: pictures in a function's response. */
const deepest = 2;

function seeParts(parts: unknown, sight: Sight, depth = deepest): void {
  if (depth > 0) eachObject(parts, (part) => seePart(part, sight, depth - 1));
}

function seePart(part: Json, sight: Sight, depth: number): void {
  if (typeof part.text === "string") {
    sight.text(part.text);
    return;
  }
  eachObject(part.inlineData ?? part.inline_data, (blob) => seeMedia(blob, sight));
  eachObject(part.fileData ?? part.file_data, (file) => seeMedia(file, sight));
  eachObject(part.functionCall ?? part.function_call, (call) => {
    sight.text(call.name);
    if (call.args !== undefined) sight.json(call.args);
  });
  eachObject(part.functionResponse ?? part.function_response, (answer) => {
    sight.text(answer.name);
    if (answer.response !== undefined) sight.json(answer.response);
    seeParts(answer.parts, sight, depth);
  });
  eachObject(part.executableCode ?? part.executable_code, ({ code }) => sight.text(code));
  eachObject(part.codeExecutionResult ?? part.code_execution_result, ({ output }) => sight.text(output));
}

function seeMedia(media: Json, sight: Sight): void {
  const type = media.mimeType ?? media.mime_type;
  const kind = typeof type === "string" ? type.slice(0, "image/".length).toLowerCase() : "";
  if (kind === "image/") sight.images = true;
  else if (kind === "audio/") sight.audio = true;
  else if (kind === "video/") sight.video = true;
  else sight.file(kind, media.data);
}

/** A level or a budget; 0 turns it off and -1 leaves it to the model. */
function asksToReason(config: Json | null): boolean {
  const level = config?.thinkingLevel ?? config?.thinking_level;
  return typeof level === "string" || tokens(config?.thinkingBudget ?? config?.thinking_budget) !== null;
}
