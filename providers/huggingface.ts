// Hugging Face: a router to other hosts; the suffix of a model (`:fastest`, `:<host>`) says which.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const huggingface = defineProvider({
  id: "huggingface",
  name: "Hugging Face",
  dialect: compatibleChat(),
  baseUrl: "https://router.huggingface.co/v1",
  auth: bearer("HF_TOKEN", "HUGGINGFACE_API_KEY"),
});
