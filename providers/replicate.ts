// Replicate: models of many owners, each with inputs of its own, run as predictions (Replicate HTTP API reference).
import { bearer, defineProvider } from "./define.ts";
import { replicatePredictions } from "./dialects/replicate/index.ts";
import { replicateImages } from "./endpoints/images/replicate.ts";
import { predictionCourse } from "./replicate/course.ts";

export const replicate = defineProvider({
  id: "replicate",
  name: "Replicate",
  dialect: replicatePredictions,
  endpoints: { images: replicateImages },
  baseUrl: "https://api.replicate.com/v1",
  auth: bearer("REPLICATE_API_TOKEN", "REPLICATE_API_KEY"),
  course: predictionCourse,
});
