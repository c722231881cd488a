// LM Studio, run by the operator.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const lmstudio = defineProvider({
  id: "lmstudio",
  name: "LM Studio",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "http://127.0.0.1:1234/v1",
  auth: bearer("LMSTUDIO_API_KEY"),
  selfHosted: true,
});
