// Databricks: the models of one workspace.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const databricks = defineProvider({
  id: "databricks",
  name: "Databricks",
  dialect: compatibleChat(),
  baseUrl: "https://{DATABRICKS_HOST}/ai-gateway/mlflow/v1",
  auth: bearer("DATABRICKS_TOKEN"),
});
