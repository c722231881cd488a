// Weights & Biases: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const wandb = defineProvider({
  id: "wandb",
  name: "Weights & Biases Inference",
  dialect: compatibleChat(),
  baseUrl: "https://api.inference.wandb.ai/v1",
  auth: bearer("WANDB_API_KEY"),
});
