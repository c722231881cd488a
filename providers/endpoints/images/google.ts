// Pictures at Google, in the Gemini API and on Vertex AI: Imagen predicts them, Gemini's image models answer with them.
import type { ProviderFailure } from "../../dialects/failure.ts";
import { protocolFailure, readFailure } from "../../dialects/gemini/error.ts";
import { readCounts, toUsage } from "../../dialects/gemini/usage.ts";
import { type Json, list, object, text } from "../../dialects/json.ts";
import type { Asked, EndpointAnswer, EndpointDialect } from "../endpoint.ts";
import { imageAnswer, type Picture } from "./answer.ts";
import { type Abilities, type ImagesAsked, numberOf, ratioOf, readAsked, refusals } from "./request.ts";

/** Imagen API reference: `sampleCount` 1 to 4, `aspectRatio`. */
const imagen: Abilities = { vendor: "Imagen", most: 4, ratios: ["1:1", "3:4", "4:3", "9:16", "16:9"] };
/** On Vertex AI, `outputOptions.mimeType`; the Gemini API knows no such parameter. */
const imagenOnVertex: Abilities = { ...imagen, formats: ["png", "jpeg"] };
/** Gemini API documentation, "Image generation": `imageConfig.aspectRatio`; one picture an answer. */
const gemini: Abilities = {
  vendor: "Gemini",
  most: 1,
  ratios: ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"],
};

/** @param publisher What stands before a model's path: nothing, or Vertex's publisher. */
export function googleImages(publisher: "" | "/publishers/google"): EndpointDialect {
  const able = (model: string) => (!predicts(model) ? gemini : publisher === "" ? imagen : imagenOnVertex);
  return {
    path: ({ model }) => {
      const method = predicts(model) ? "predict" : "generateContent";
      return `${publisher}/models/${encodeURIComponent(model)}:${method}`;
    },
    encode(body, { model }) {
      const asked = readAsked(body);
      const abilities = able(model);
      const unsupported = refusals(body, abilities);
      return { kind: "body", body: predicts(model) ? prediction(asked, abilities) : content(asked), unsupported };
    },
    decode: (answer, asked) => (predicts(asked.model) ? predicted(answer, asked) : generated(answer, asked)),
    error: (status, headers, body) => readFailure(status, body, headers),
  };
}

function predicts(model: string): boolean {
  return model.startsWith("imagen");
}

function prediction(asked: ImagesAsked, { most, ratios = [], formats = [] }: Abilities): Json {
  const ratio = ratioOf(asked, ratios);
  const format = asked.format !== null && formats.includes(asked.format) ? asked.format : null;
  return {
    instances: [{ prompt: asked.prompt }],
    parameters: {
      // Its own number is 4, and OpenAI's is 1.
      sampleCount: numberOf(asked, most) ?? 1,
      // A picture that is withheld is then told with the reason.
      includeRaiReason: true,
      ...(ratio !== null && { aspectRatio: ratio }),
      ...(format !== null && { outputOptions: { mimeType: `image/${format}` } }),
    },
  };
}

/** `prompt` in an answer is the prompt as it was rewritten (Vertex AI, "Imagen API"). */
function predicted(answer: Json, asked: Asked): EndpointAnswer | ProviderFailure {
  const rows = list(answer.predictions).map((row) => object(row) ?? {});
  const pictures = rows.flatMap((row): readonly Picture[] => {
    const data = text(row.bytesBase64Encoded);
    const revisedPrompt = text(row.prompt);
    if (data === null) return [];
    return [{ data, mediaType: text(row.mimeType) ?? "image/png", ...(revisedPrompt !== null && { revisedPrompt }) }];
  });
  if (pictures.length > 0) return imageAnswer({ pictures, tokens: null }, asked);
  const reason = rows.map((row) => text(row.raiFilteredReason)).find((one) => one !== null);
  // When all pictures are withheld, the answer may hold nothing at all.
  return withheld(reason ?? "All pictures were withheld by the provider's safety filters.");
}

function content({ prompt, size, ...asked }: ImagesAsked): Json {
  const ratio = ratioOf({ prompt, size, ...asked }, gemini.ratios ?? []);
  return {
    contents: [{ role: "user", parts: [{ text: prompt }] }],
    generationConfig: {
      responseModalities: ["TEXT", "IMAGE"],
      ...(ratio !== null && { imageConfig: { aspectRatio: ratio } }),
    },
  };
}

/** Thoughts may hold drafts, which are not the answer. */
function generated(answer: Json, asked: Asked): EndpointAnswer | ProviderFailure {
  const candidate = object(list(answer.candidates)[0]);
  const parts = list(object(candidate?.content)?.parts).map((part) => object(part) ?? {});
  const pictures = parts.flatMap((part): readonly Picture[] => {
    const inline = object(part.inlineData);
    const data = text(inline?.data);
    return data === null || part.thought === true ? [] : [{ data, mediaType: text(inline?.mimeType) ?? "image/png" }];
  });
  if (pictures.length > 0) {
    return imageAnswer({ pictures, tokens: toUsage(readCounts(answer.usageMetadata)) }, asked);
  }
  const blocked = text(object(answer.promptFeedback)?.blockReason) ?? text(candidate?.finishReason);
  const said = parts.map((part) => text(part.text) ?? "").join("");
  if (blocked !== null && blocked !== "STOP") return withheld(`No picture was made (${blocked}).`);
  if (said !== "") return withheld(`The model answered with words instead of a picture: ${said.slice(0, 500)}`);
  return protocolFailure("The provider's answer holds no pictures.");
}

function withheld(message: string): ProviderFailure {
  return { ...protocolFailure(message), kind: "content_filter" };
}
