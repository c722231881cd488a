// providers/google.ts: Google AI Studio, the Gemini API of generativelanguage.googleapis.com.
import { defineProvider, header } from "./define.ts";
import { gemini } from "./dialects/gemini/index.ts";
import { geminiEmbeddings } from "./endpoints/embeddings/gemini.ts";
import { googleImages } from "./endpoints/images/google.ts";

export const google = defineProvider({
  id: "google",
  name: "Google AI Studio",
  dialect: gemini,
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  endpoints: { embeddings: geminiEmbeddings, images: googleImages("") },
  auth: header("x-goog-api-key", "GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"),
});
