// Pictures of Amazon Bedrock, behind `InvokeModel`: Amazon's own models and Stability AI's (Amazon Bedrock user guide, "Inference
// request parameters"; Amazon Nova user guide, "Generating images").
import { protocolFailure, readError } from "../../dialects/bedrock-converse/error.ts";
import { type Json, list, text } from "../../dialects/json.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { imageAnswer } from "./answer.ts";
import { type Abilities, type ImagesAsked, numberOf, ratioOf, readAsked, refusals } from "./request.ts";

const amazon: Abilities = { vendor: "Amazon's image models", most: 5, qualities: true };
const stability: Abilities = {
  vendor: "Stability AI",
  most: 1,
  ratios: ["16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"],
  formats: ["png", "jpeg"],
};

export const bedrockImages: EndpointDialect = {
  path: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  encode(body, { model }) {
    const asked = readAsked(body);
    switch (familyOf(model)) {
      case "amazon":
        return { kind: "body", body: amazonBody(asked), unsupported: refusals(body, amazon) };
      case "stability":
        return { kind: "body", body: stabilityBody(asked), unsupported: refusals(body, stability) };
      case null: {
        const reason = "is a model whose pictures this gateway can't ask for";
        return { kind: "body", body: {}, unsupported: [{ member: "model", reason, droppable: false }] };
      }
    }
  },
  decode(answer, asked) {
    const images = list(answer.images).map(text);
    // Stability names a reason for each picture that was withheld, Amazon one for all that are missing.
    const reason =
      text(answer.error) ??
      list(answer.finish_reasons)
        .map(text)
        .find((one) => one !== null);
    const jpeg = familyOf(asked.model) === "stability" && asked.body.output_format === "jpeg";
    const mediaType = jpeg ? "image/jpeg" : "image/png";
    const made = images.filter((data) => data !== null).map((data) => ({ data, mediaType }));
    if (made.length > 0) return imageAnswer({ pictures: made, tokens: null }, asked);
    const failure = protocolFailure(reason ?? "The provider's answer holds no pictures.");
    return reason === undefined ? failure : { ...failure, kind: "content_filter" };
  },
  error: readError,
};

/** By the model's id, which may have a region before it. Stability's tools for editing take a picture, not a prompt alone. */
function familyOf(model: string): "amazon" | "stability" | null {
  if (/amazon\.(nova-canvas|titan-image-generator)/.test(model)) return "amazon";
  return /stability\.(sd3|stable-image-(core|ultra))/.test(model) ? "stability" : null;
}

function amazonBody(asked: ImagesAsked): Json {
  const n = numberOf(asked, amazon.most);
  return {
    taskType: "TEXT_IMAGE",
    textToImageParams: { text: asked.prompt },
    imageGenerationConfig: {
      numberOfImages: n ?? 1,
      ...(asked.size !== null && asked.size),
      ...(asked.quality !== null && { quality: asked.quality === "better" ? "premium" : "standard" }),
    },
  };
}

function stabilityBody(asked: ImagesAsked): Json {
  const ratio = ratioOf(asked, stability.ratios ?? []);
  const format = asked.format === "png" || asked.format === "jpeg" ? asked.format : null;
  return {
    prompt: asked.prompt,
    ...(ratio !== null && { aspect_ratio: ratio }),
    ...(format !== null && { output_format: format }),
  };
}
