// OVHcloud: open models in Europe.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const ovhcloud = defineProvider({
  id: "ovhcloud",
  name: "OVHcloud AI Endpoints",
  dialect: compatibleChat(),
  baseUrl: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
  auth: bearer("OVHCLOUD_API_KEY"),
});
