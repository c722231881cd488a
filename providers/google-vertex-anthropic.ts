// Claude on Google Vertex AI, in a Google Cloud project.
import { defineProvider } from "./define.ts";
import { googleCloud } from "./oauth/google.ts";
import { vertexAnthropic } from "./vertex/anthropic.ts";
import { vertexBaseUrl } from "./vertex/base-url.ts";

export const googleVertexAnthropic = defineProvider({
  id: "google-vertex-anthropic",
  name: "Claude on Google Vertex AI",
  dialect: vertexAnthropic,
  baseUrl: "https://aiplatform.googleapis.com/v1/projects/{GOOGLE_VERTEX_PROJECT}/locations/global",
  baseUrlFrom: vertexBaseUrl,
  auth: googleCloud(),
  forwardHeaders: ["anthropic-beta"],
});
