// FriendliAI: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const friendli = defineProvider({
  id: "friendli",
  name: "FriendliAI",
  dialect: compatibleChat(),
  baseUrl: "https://api.friendli.ai/serverless/v1",
  auth: bearer("FRIENDLI_TOKEN"),
});
