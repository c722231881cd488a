// Output format: the JSON schema that an answer must follow.
import type { OutputFormat } from "../../conversation.ts";
import { oneOf, optionalObject, requiredObject, requiredString } from "../../fields.ts";
import { asList, asObject, type JsonObject } from "../wire.ts";

/** `output_config.format`, or `output_format` as it was called in beta. This dialect's schemas have no name. */
export function readOutput(body: JsonObject): OutputFormat {
  const config = optionalObject(body, "output_config");
  const format = optionalObject(config ?? {}, "format", "output_config") ?? optionalObject(body, "output_format");
  if (format === null) return { kind: "text" };
  const path = config?.format === undefined || config.format === null ? "output_format" : "output_config.format";
  oneOf(requiredString(format, "type", path), ["json_schema"], `${path}.type`);
  const schema = requiredObject(format, "schema", path);
  return { kind: "json-schema", name: "response", description: null, schema, strict: isClosed(schema) ? true : null };
}

/**
 * Anthropic always constrains an answer to its schema. OpenAI does so with `strict`, but refuses it where an object is open
 * or has optional members (documentation, "Structured outputs"), which Anthropic takes: such a schema guides the model only.
 */
function isClosed(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed);
  const object = asObject(schema);
  if (object === null) return true;
  const properties = asObject(object.properties);
  const required = asList(object.required);
  const whole =
    properties === null ||
    (object.additionalProperties === false && Object.keys(properties).every((name) => required.includes(name)));
  return whole && Object.values(object).every(isClosed);
}
