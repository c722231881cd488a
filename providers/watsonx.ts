// IBM watsonx.ai: chat completions in nearly OpenAI's words, in a project or a space, for tokens of IBM Cloud's IAM.
import { type Authorize, defineProvider, type Environment, type Provider, variable } from "./define.ts";
import type { BodyEdits, ClientDialect } from "./dialects/dialect.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { withBearer } from "./oauth/bearer.ts";
import type { Grant } from "./oauth/exchange.ts";
import { Tokens } from "./oauth/tokens.ts";

/** The date of the API's form (IBM watsonx.ai API reference, "Versioning"). */
const version = "2025-10-01";
const deployments = "deployment/";
const iam = "https://iam.cloud.ibm.com/identity/token";

/** Where a model is called: the API wants one of them in every body. */
type Workspace = { readonly project_id?: string; readonly space_id?: string };

/** What an API key is exchanged at. */
interface ApiKey {
  readonly apikey: string;
  readonly iam: string;
}

export const watsonx = providerIn({});

function providerIn(workspace: Workspace): Provider {
  return defineProvider({
    id: "watsonx",
    name: "IBM watsonx.ai",
    dialect: watsonxChat(workspace),
    baseUrl: "https://us-south.ml.cloud.ibm.com/ml/v1",
    baseUrlFrom: (env) => {
      const region = variable(env, "WATSONX_REGION") ?? "us-south";
      const url = variable(env, "WATSONX_URL") ?? `https://${region}.ml.cloud.ibm.com`;
      return `${url.replace(/\/+$/, "")}/ml/v1`;
    },
    variant: (env) => {
      const project = variable(env, "WATSONX_PROJECT_ID");
      const space = variable(env, "WATSONX_SPACE_ID", "WATSONX_DEPLOYMENT_SPACE_ID");
      if (project !== null) return providerIn({ project_id: project });
      return space === null ? null : providerIn({ space_id: space });
    },
    auth: { env: ["WATSONX_API_KEY", "WATSONX_APIKEY", "WATSONX_TOKEN"], fromEnv: secretFrom, authorize: iamAuth() },
  });
}

/** A token as it is, or an API key with the place that it is exchanged at. */
function secretFrom(env: Environment): string | null {
  const apikey = variable(env, "WATSONX_API_KEY", "WATSONX_APIKEY");
  if (apikey === null) return variable(env, "WATSONX_TOKEN");
  return JSON.stringify({ apikey, iam: variable(env, "WATSONX_IAM_URL") ?? iam } satisfies ApiKey);
}

/** `Authorization: Bearer …` with a token of IBM Cloud's IAM (IBM Cloud documentation, "Generating an IAM token by using an API key"). */
export function iamAuth(options: { readonly now?: () => number } = {}): Authorize {
  const tokens = new Tokens({ issuer: "IBM Cloud", ...options });
  return (request, secret) => {
    const isToken = !secret.startsWith("{");
    return withBearer(request, isToken ? secret : tokens.of(secret, () => grantOf(JSON.parse(secret) as ApiKey)));
  };
}

function grantOf({ apikey, iam: url }: ApiKey): Grant {
  return { url, form: { grant_type: "urn:ibm:params:oauth:grant-type:apikey", apikey } };
}

/**
 * OpenAI's chat with the stream told by the path, the model under another name, and words for the choice of tools in a
 * member of their own (IBM watsonx.ai API reference, "Infer text chat"). A deployment is named `deployment/<id>`, and knows its
 * model and its space itself.
 */
function watsonxChat(workspace: Workspace): ClientDialect {
  // Usage comes on the last chunk unasked.
  const chat = compatibleChat({ streamOptions: false, unsupported: ["user"] });
  const named = (model: string) => (model.startsWith(deployments) ? {} : { model_id: model, ...workspace });
  return {
    ...chat,
    path: ({ model }, { stream }) => {
      const place = model.startsWith(deployments)
        ? `/deployments/${encodeURIComponent(model.slice(deployments.length))}`
        : "";
      return `${place}/text/chat${stream ? "_stream" : ""}?version=${version}`;
    },
    encode: (conversation, target) => {
      const encoded = chat.encode(conversation, target);
      const { model: _model, stream: _stream, tool_choice, ...body } = encoded.body;
      return { ...encoded, body: { ...named(target.model), ...body, ...choice(tool_choice) } };
    },
    edits: (body, target): BodyEdits => {
      const { set, remove, ...edits } = chat.edits(body, target);
      const { model: _, ...rest } = set;
      const chosen = choice(rest.tool_choice ?? body.tool_choice);
      const gone = ["model", "stream", ...("tool_choice_option" in chosen ? ["tool_choice"] : [])];
      return { ...edits, set: { ...rest, ...named(target.model), ...chosen }, remove: [...remove, ...gone] };
    },
  };
}

/** `auto`, `none` and `required` are options; a named tool is a choice. */
function choice(chosen: unknown): { readonly tool_choice_option?: string; readonly tool_choice?: unknown } {
  if (typeof chosen === "string") return { tool_choice_option: chosen };
  return chosen === undefined ? {} : { tool_choice: chosen };
}
