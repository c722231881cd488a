// OpenAI, in its own two dialects.
import { bearer, defineProvider } from "./define.ts";
import { openaiChat } from "./dialects/openai-chat/index.ts";
import { openaiResponses } from "./dialects/openai-responses/index.ts";
import { openaiListening, openaiSpeech } from "./endpoints/audio/openai.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { openaiImages } from "./endpoints/images/openai.ts";
import { openaiModerations } from "./endpoints/moderations/openai.ts";

export const openai = defineProvider({
  id: "openai",
  name: "OpenAI",
  dialect: openaiChat(),
  also: [openaiResponses()],
  baseUrl: "https://api.openai.com/v1",
  endpoints: {
    embeddings: openaiEmbeddings(),
    completions: completions(),
    moderations: openaiModerations(),
    images: openaiImages(),
    image_edits: openaiImages("/images/edits"),
    speech: openaiSpeech(),
    transcriptions: openaiListening("/audio/transcriptions"),
    translations: openaiListening("/audio/translations"),
  },
  auth: bearer("OPENAI_API_KEY"),
  forwardHeaders: ["openai-organization", "openai-project"],
  // Not trained on since 2023-03-01; kept for up to 30 days against abuse (documentation, "Data controls in the OpenAI platform").
  dataPolicy: { collects: false, retains: true },
});
