// Google Vertex AI: Gemini, and the models of others that Google serves in a Google Cloud project.
import { defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { vertexEmbeddings } from "./endpoints/embeddings/vertex.ts";
import { googleImages } from "./endpoints/images/google.ts";
import { googleCloud } from "./oauth/google.ts";
import { vertexAnthropic } from "./vertex/anthropic.ts";
import { vertexBaseUrl } from "./vertex/base-url.ts";
import { vertexGemini } from "./vertex/gemini.ts";

/** Open models, named `publisher/model-maas` (Vertex AI documentation, "Call open models by using MaaS APIs"). */
const openModels = { ...compatibleChat(), path: () => "/endpoints/openapi/chat/completions" };

export const googleVertex = defineProvider({
  id: "google-vertex",
  name: "Google Vertex AI",
  dialect: vertexGemini,
  also: [vertexAnthropic, openModels],
  dialectsFor: (model) => {
    if (model.startsWith("claude-")) return [vertexAnthropic];
    return model.includes("/") ? [openModels] : [vertexGemini];
  },
  endpoints: { embeddings: vertexEmbeddings, images: googleImages("/publishers/google") },
  baseUrl: "https://aiplatform.googleapis.com/v1/projects/{GOOGLE_VERTEX_PROJECT}/locations/global",
  baseUrlFrom: vertexBaseUrl,
  auth: googleCloud(),
  forwardHeaders: ["anthropic-beta"],
});
