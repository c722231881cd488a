// DigitalOcean: open models and those of other makers.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const digitalocean = defineProvider({
  id: "digitalocean",
  name: "DigitalOcean",
  dialect: compatibleChat(),
  baseUrl: "https://inference.do-ai.run/v1",
  auth: bearer("DIGITALOCEAN_ACCESS_TOKEN"),
});
