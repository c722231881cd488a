// Google Vertex AI: Gemini in a Google Cloud project.
import { defineProvider } from "./define.ts";
import { googleAuth, googleEnv, googleSecret } from "./oauth/google.ts";
import { vertexBaseUrl } from "./vertex/base-url.ts";
import { vertexGemini } from "./vertex/gemini.ts";

export const googleVertex = defineProvider({
  id: "google-vertex",
  name: "Google Vertex AI",
  dialect: vertexGemini,
  baseUrl: "https://aiplatform.googleapis.com/v1/projects/{GOOGLE_VERTEX_PROJECT}/locations/global",
  baseUrlFrom: vertexBaseUrl,
  auth: { env: googleEnv, fromEnv: googleSecret, authorize: googleAuth() },
});
