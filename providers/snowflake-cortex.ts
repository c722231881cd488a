// Snowflake Cortex: the models of one account, called with a programmatic access token.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const snowflakeCortex = defineProvider({
  id: "snowflake-cortex",
  name: "Snowflake Cortex",
  dialect: compatibleChat({
    maxTokensField: "max_completion_tokens",
    reasoningField: "reasoning_details",
    reasoningParameter: "reasoning",
  }),
  baseUrl: "https://{SNOWFLAKE_ACCOUNT}.snowflakecomputing.com/api/v2/cortex/v1",
  auth: bearer("SNOWFLAKE_CORTEX_PAT"),
});
