// Vectors in the two encodings of OpenAI's embeddings, and the answer that holds them.
import type { Json } from "../../dialects/json.ts";
import { totalInput, type Usage } from "../../dialects/usage.ts";
import type { Asked } from "../endpoint.ts";

type Vector = readonly number[] | Float32Array | Int8Array;

/** Numbers to the base64 of 32-bit floats, little endian (OpenAI API reference, "Create embeddings", `encoding_format`). */
export function toBase64(vector: Vector): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < vector.length; at++) view.setFloat32(at * 4, vector[at] ?? 0, true);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The numbers of a base64 text of 32-bit floats, or of signed bytes (Perplexity's `base64_int8`). */
export function fromBase64(text: string, unit: "float32" | "int8"): number[] {
  const binary = atob(text);
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  if (unit === "int8") return [...new Int8Array(bytes.buffer)];
  const view = new DataView(bytes.buffer);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_item, at) => view.getFloat32(at * 4, true));
}

/** Whether the client wants base64. */
export function wantsBase64(body: Json): boolean {
  return body.encoding_format === "base64";
}

/** The numbers of a value that may be a vector; null when it is none. */
export function vectorOf(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === "number") ? value : null;
}

/** OpenAI's list of embeddings, in the encoding that was asked for. */
export function embeddingList(vectors: readonly Vector[], asked: Asked, usage: Usage | null): Json {
  const base64 = wantsBase64(asked.body);
  const tokens = usage === null ? 0 : totalInput(usage);
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: base64 ? toBase64(vector) : [...vector],
    })),
    model: asked.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
