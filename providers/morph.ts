// Morph: models that apply edits to code.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const morph = defineProvider({
  id: "morph",
  name: "Morph",
  dialect: compatibleChat(),
  baseUrl: "https://api.morphllm.com/v1",
  auth: bearer("MORPH_API_KEY"),
});
