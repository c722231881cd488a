// The registry: every provider that Turnpike can call. One line each.
import { ai21 } from "./ai21.ts";
import { alibaba } from "./alibaba.ts";
import { alibabaCn } from "./alibaba-cn.ts";
import { amazonBedrock } from "./amazon-bedrock.ts";
import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import { baseten } from "./baseten.ts";
import { cerebras } from "./cerebras.ts";
import { chutes } from "./chutes.ts";
import { cloudflareWorkersAi } from "./cloudflare-workers-ai.ts";
import { cohere } from "./cohere.ts";
import { databricks } from "./databricks.ts";
import { deepinfra } from "./deepinfra.ts";
import { deepseek } from "./deepseek.ts";
import type { Provider } from "./define.ts";
import { digitalocean } from "./digitalocean.ts";
import { fireworks } from "./fireworks.ts";
import { friendli } from "./friendli.ts";
import { githubModels } from "./github-models.ts";
import { google } from "./google.ts";
import { googleVertex } from "./google-vertex.ts";
import { googleVertexAnthropic } from "./google-vertex-anthropic.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { inception } from "./inception.ts";
import { ioNet } from "./io-net.ts";
import { jina } from "./jina.ts";
import { llamacpp } from "./llamacpp.ts";
import { lmstudio } from "./lmstudio.ts";
import { metaLlama } from "./meta-llama.ts";
import { minimax } from "./minimax.ts";
import { minimaxCn } from "./minimax-cn.ts";
import { mistral } from "./mistral.ts";
import { moonshotai } from "./moonshotai.ts";
import { moonshotaiCn } from "./moonshotai-cn.ts";
import { morph } from "./morph.ts";
import { nebius } from "./nebius.ts";
import { novita } from "./novita.ts";
import { nscale } from "./nscale.ts";
import { nvidia } from "./nvidia.ts";
import { ollama } from "./ollama.ts";
import { ollamaCloud } from "./ollama-cloud.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import { ovhcloud } from "./ovhcloud.ts";
import { perplexity } from "./perplexity.ts";
import { replicate } from "./replicate.ts";
import { sambanova } from "./sambanova.ts";
import { sandbox } from "./sandbox/index.ts";
import { scaleway } from "./scaleway.ts";
import { siliconflow } from "./siliconflow.ts";
import { snowflakeCortex } from "./snowflake-cortex.ts";
import { stepfun } from "./stepfun.ts";
import { together } from "./together.ts";
import { upstage } from "./upstage.ts";
import { vllm } from "./vllm.ts";
import { voyage } from "./voyage.ts";
import { vultr } from "./vultr.ts";
import { wandb } from "./wandb.ts";
import { watsonx } from "./watsonx.ts";
import { xai } from "./xai.ts";
import { xiaomi } from "./xiaomi.ts";
import { zai } from "./zai.ts";
import { zhipuai } from "./zhipuai.ts";

export const providers: readonly Provider[] = [
  openai,
  anthropic,
  google,
  ai21,
  alibaba,
  alibabaCn,
  amazonBedrock,
  azure,
  baseten,
  cerebras,
  chutes,
  cloudflareWorkersAi,
  cohere,
  databricks,
  deepinfra,
  deepseek,
  digitalocean,
  fireworks,
  friendli,
  githubModels,
  googleVertex,
  googleVertexAnthropic,
  groq,
  huggingface,
  hyperbolic,
  inception,
  ioNet,
  jina,
  llamacpp,
  lmstudio,
  metaLlama,
  minimax,
  minimaxCn,
  mistral,
  moonshotai,
  moonshotaiCn,
  morph,
  nebius,
  novita,
  nscale,
  nvidia,
  ollama,
  ollamaCloud,
  openrouter,
  ovhcloud,
  perplexity,
  replicate,
  sambanova,
  scaleway,
  siliconflow,
  snowflakeCortex,
  stepfun,
  together,
  upstage,
  vllm,
  voyage,
  vultr,
  wandb,
  watsonx,
  xai,
  xiaomi,
  zai,
  zhipuai,
  sandbox,
];
