// The `replicate` dialect: chat with language models that run as predictions. What goes between is the provider's course.
import { readPrediction } from "../../replicate/prediction.ts";
import type { ClientDialect } from "../dialect.ts";
import { encodeRequest } from "./client/request.ts";
import { decodeResponse } from "./client/response.ts";
import { PredictionStreamDecoder } from "./client/stream.ts";
import { readError } from "./error.ts";
import { predictionPath } from "./path.ts";

/** The client side alone: no client speaks it to us, so nothing is ever passed through. */
export const replicatePredictions: ClientDialect = {
  id: "replicate",
  framing: "sse",
  path: ({ model }) => predictionPath(model),
  encode: encodeRequest,
  decode: decodeResponse,
  stream: () => new PredictionStreamDecoder(),
  error: readError,
  edits: () => ({ set: {}, remove: [] }),
  usage: (body) => readPrediction(body)?.usage ?? null,
  watch: () => {
    throw new Error("no client speaks the dialect of predictions");
  },
};
