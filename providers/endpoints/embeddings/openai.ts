// Embeddings in OpenAI's shape, which most providers speak with small differences of their own.
import type { BodyEdits, Target } from "../../dialects/dialect.ts";
import { isObject, type Json, list } from "../../dialects/json.ts";
import { failureInside, protocolFailure, readFailure } from "../../dialects/openai-chat/error.ts";
import { routingMembers } from "../../dialects/openai-chat/wire.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { tokenUsage } from "../usage.ts";
import { glanceAtEmbeddings } from "./glance.ts";
import { refuseMembers, refuseTokens } from "./input.ts";
import { fromBase64, toBase64, vectorOf, wantsBase64 } from "./vectors.ts";

export interface EmbeddingsQuirks {
  readonly path?: string;
  /** The provider's name for `dimensions`. */
  readonly dimensionsField?: string;
  /** The provider's name for `encoding_format`; null when it knows only numbers. `encoding_format` when absent. */
  readonly encodingField?: string | null;
  /** Whether the encoding `float` may be said, or is only meant by silence. */
  readonly saysFloat?: boolean;
  /** What a base64 text is made of, where it is not 32-bit floats. */
  readonly packed?: "int8";
  /** Whether `input` may hold tokens; true when absent. */
  readonly tokens?: boolean;
  /** Members that the provider refuses. */
  readonly unsupported?: readonly string[];
  /** For refusals: "Voyage". */
  readonly vendor?: string;
}

/** A client may ask for numbers or base64 whatever the provider speaks: what comes in the other encoding is converted. */
export function openaiEmbeddings(quirks: EmbeddingsQuirks = {}): EndpointDialect {
  const { vendor = "this provider", unsupported: unknown = [] } = quirks;
  return {
    path: () => quirks.path ?? "/embeddings",
    encode(body, target) {
      const refused = refuseMembers(body, unknown, vendor);
      const unsupported = [...(quirks.tokens === false ? refuseTokens(body, vendor) : []), ...refused];
      return { kind: "edits", edits: editsOf(body, target, quirks), unsupported };
    },
    decode(answer, { body: asked }) {
      const failure = failureInside({
        error: answer.error,
        detail: answer.data === undefined ? answer.detail : undefined,
      });
      if (failure !== null) return failure;
      if (!Array.isArray(answer.data)) return protocolFailure("The provider's answer holds no embeddings.");
      const usage = tokenUsage(answer);
      if (answer.data.every((item) => isAsAsked(item, asked, quirks))) return { write: null, usage };
      const data = list(answer.data).map((item) => converted(item, asked, quirks));
      return { write: () => ({ ...answer, data }), usage };
    },
    glance: glanceAtEmbeddings,
    error: readFailure,
  };
}

function editsOf(body: Json, target: Target, quirks: EmbeddingsQuirks): BodyEdits {
  const { encodingField = "encoding_format", dimensionsField = "dimensions", saysFloat = true } = quirks;
  const set: Record<string, unknown> = { model: target.model };
  const unknown = (quirks.unsupported ?? []).filter((name) => name in body);
  const remove: string[] = [...routingMembers.filter((name) => name in body), ...unknown];
  rename("dimensions", dimensionsField);
  const format = body.encoding_format;
  if (encodingField === null || (format === "float" && !saysFloat)) drop("encoding_format");
  else rename("encoding_format", encodingField);
  return { set, remove };

  function drop(name: string): void {
    if (name in body) remove.push(name);
  }

  function rename(name: string, to: string): void {
    if (name === to) return;
    drop(name);
    if (body[name] !== undefined && body[name] !== null) set[to] = body[name];
  }
}

/** Other formats than the two of OpenAI are between the client and its provider. */
function isAsAsked(item: unknown, { encoding_format: format }: Json, { packed }: EmbeddingsQuirks): boolean {
  if (!isObject(item)) return true;
  if (format !== undefined && format !== null && format !== "float" && format !== "base64") return true;
  return typeof item.embedding === "string" ? format === "base64" && packed === undefined : format !== "base64";
}

function converted(item: unknown, asked: Json, { packed }: EmbeddingsQuirks): unknown {
  if (!isObject(item)) return item;
  const { embedding } = item;
  const vector = typeof embedding === "string" ? fromBase64(embedding, packed ?? "float32") : vectorOf(embedding);
  if (vector === null) return item;
  return { ...item, embedding: wantsBase64(asked) ? toBase64(vector) : vector };
}
