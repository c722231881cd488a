// Pictures of models at Replicate, which are told by the addresses of their files (Replicate documentation, "Output files").
import { isObject, type Json } from "../../dialects/json.ts";
import { failureOf } from "../../dialects/replicate/client/response.ts";
import { protocolFailure, readError } from "../../dialects/replicate/error.ts";
import { predictionPath, versionMember } from "../../dialects/replicate/path.ts";
import { outputFiles, readPrediction } from "../../replicate/prediction.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { imageAnswer } from "./answer.ts";
import { numberOf, ratioOf, readAsked, refusals } from "./request.ts";

/** As flux-schnell and flux-dev have them; models differ, and `input` says what one has beyond that. */
const ratios = ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21"];
const most = 4;

export const replicateImages: EndpointDialect = {
  path: ({ model }) => predictionPath(model),
  encode(body, { model }) {
    const able = { vendor: "Replicate", most, ratios, formats: ["png", "jpeg", "webp"], addresses: true };
    return {
      kind: "body",
      body: { ...versionMember(model), input: inputOf(body) },
      unsupported: refusals(body, able),
    };
  },
  decode(answer, asked) {
    const prediction = readPrediction(answer);
    if (prediction === null) return protocolFailure("The provider's answer is not a prediction.");
    const failure = failureOf(prediction);
    if (failure !== null) return failure;
    const pictures = outputFiles(prediction).map((url) => ({ url }));
    if (pictures.length === 0) return protocolFailure("The prediction holds no pictures.");
    return imageAnswer({ pictures, tokens: null, createdS: prediction.createdS }, asked);
  },
  error: readError,
};

/** Only what was asked for: models that have no such input refuse it. */
function inputOf(body: Json): Json {
  const asked = readAsked(body);
  const n = numberOf(asked, most);
  const ratio = ratioOf(asked, ratios);
  return {
    prompt: asked.prompt,
    ...(n !== null && n !== 1 && { num_outputs: n }),
    ...(ratio !== null && { aspect_ratio: ratio }),
    ...(asked.format !== null && { output_format: asked.format === "jpeg" ? "jpg" : asked.format }),
    ...(isObject(body.input) && body.input),
  };
}
