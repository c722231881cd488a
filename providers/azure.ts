// Azure OpenAI: OpenAI's models, and others, as deployments of an Azure resource. A model's name is its deployment's.
import { type Authorize, defineProvider, type Environment, type Provider, variable } from "./define.ts";
import { openaiChat } from "./dialects/openai-chat/index.ts";
import { openaiResponses } from "./dialects/openai-responses/index.ts";
import { openaiListening, openaiSpeech } from "./endpoints/audio/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import type { EndpointDialect, Endpoints } from "./endpoints/endpoint.ts";
import { openaiImages } from "./endpoints/images/openai.ts";
import { withBearer } from "./oauth/bearer.ts";
import { type EntraClient, entraClient, entraGrant } from "./oauth/entra.ts";
import { Tokens } from "./oauth/tokens.ts";

/** Azure OpenAI documentation, "How to configure Azure OpenAI with Microsoft Entra ID authentication". */
const scope = "https://cognitiveservices.azure.com/.default";
const entra = "entra:";

const chat = openaiChat();
const endpoints: Endpoints = {
  embeddings: openaiEmbeddings(),
  images: openaiImages(),
  image_edits: openaiImages("/images/edits"),
  speech: openaiSpeech(),
  transcriptions: openaiListening("/audio/transcriptions"),
  translations: openaiListening("/audio/translations"),
};
const common = {
  id: "azure",
  name: "Azure OpenAI",
  auth: {
    env: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY", "AZURE_CLIENT_SECRET"],
    fromEnv: secretFrom,
    authorize: azureAuth(),
  },
};

export const azure = defineProvider({
  ...common,
  dialect: chat,
  also: [openaiResponses()],
  endpoints,
  baseUrl: "https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1",
  baseUrlFrom: baseUrlFrom("/openai/v1"),
  variant: (env) => {
    const version = variable(env, "AZURE_OPENAI_API_VERSION");
    return version === null || !/^\d{4}-/.test(version) ? null : dated(version);
  },
});

/**
 * The API before v1, whose versions are dates: the deployment stands in the path and the version in the query (Azure OpenAI
 * documentation, "API version lifecycle" and "Azure OpenAI REST API reference").
 */
function dated(version: string): Provider {
  const at = (deployment: string, path: string) =>
    `/deployments/${encodeURIComponent(deployment)}${path}?api-version=${encodeURIComponent(version)}`;
  const inDeployment = (endpoint: EndpointDialect): EndpointDialect => ({
    ...endpoint,
    path: (target) => at(target.model, endpoint.path(target)),
  });
  return defineProvider({
    ...common,
    dialect: { ...chat, path: (target, options) => at(target.model, chat.path(target, options)) },
    endpoints: Object.fromEntries(Object.entries(endpoints).map(([name, one]) => [name, inDeployment(one)])),
    baseUrl: "https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai",
    baseUrlFrom: baseUrlFrom("/openai"),
  });
}

/** At the resource's endpoint, with or without the API's own path; null leaves the resource's name to say where. */
function baseUrlFrom(path: string): (env: Environment) => string | null {
  return (env) => {
    const endpoint = variable(env, "AZURE_OPENAI_ENDPOINT");
    return endpoint === null ? null : `${endpoint.replace(/\/+$/, "").replace(/\/openai(\/v1)?$/, "")}${path}`;
  };
}

/** A key; or an application's client credentials, as one text. */
function secretFrom(env: Environment): string | null {
  const key = variable(env, "AZURE_OPENAI_API_KEY", "AZURE_API_KEY");
  const client = entraClient(env);
  return key ?? (client === null ? null : `${entra}${JSON.stringify(client)}`);
}

/** A key goes into a header of its own; an application's token is a bearer token. */
export function azureAuth(options: { readonly now?: () => number } = {}): Authorize {
  const tokens = new Tokens({ issuer: "Microsoft Entra", ...options });
  return (request, secret) => {
    if (!secret.startsWith(entra)) return { ...request, headers: { ...request.headers, "api-key": secret } };
    const client = () => JSON.parse(secret.slice(entra.length)) as EntraClient;
    return withBearer(
      request,
      tokens.of(secret, () => entraGrant(client(), scope)),
    );
  };
}
