// Amazon Bedrock: models of many vendors behind one Converse API, region by region.
import { awsAuth } from "./aws/authorize.ts";
import { regionFromEnvironment, secretFromEnvironment } from "./aws/secret.ts";
import { defineProvider } from "./define.ts";
import { bedrockConverse } from "./dialects/bedrock-converse/index.ts";
import { bedrockEmbeddings } from "./endpoints/embeddings/bedrock.ts";
import { bedrockImages } from "./endpoints/images/bedrock.ts";
import { bedrockRerank } from "./endpoints/rerank/providers.ts";

const fallbackRegion = "us-east-1";

export const amazonBedrock = defineProvider({
  id: "amazon-bedrock",
  name: "Amazon Bedrock",
  dialect: bedrockConverse,
  baseUrl: runtime(fallbackRegion),
  baseUrlFrom: (env) => {
    const region = regionFromEnvironment(env);
    return region === null ? null : runtime(region);
  },
  // Neither stored nor logged nor trained on (Amazon Bedrock User Guide, "Data protection").
  dataPolicy: { collects: false, retains: false },
  endpoints: { embeddings: bedrockEmbeddings, images: bedrockImages, rerank: bedrockRerank },
  auth: {
    env: ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    fromEnv: secretFromEnvironment,
    authorize: awsAuth({ service: "bedrock", fallbackRegion }),
  },
});

/** China's regions have a domain of their own. */
function runtime(region: string): string {
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}
