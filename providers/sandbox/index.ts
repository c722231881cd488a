// The sandbox: a provider inside the process, for first requests, customers' tests and drills of failover.
import { defineProvider } from "../define.ts";
import { openaiChat } from "../dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "../endpoints/embeddings/openai.ts";
import { sandboxUpstream } from "./upstream.ts";

export { sandboxModels } from "./models.ts";

/** It takes whatever a client of any dialect may ask, and heeds of it what it can. */
const lenient = {
  reasoningField: "reasoning_content",
  reasoningRefusesSampling: false,
  topK: true,
  cacheControl: true,
} as const;

/** Needs no key and reaches no network: its base URL is one that never resolves (RFC 2606, section 2). */
export const sandbox = defineProvider({
  id: "sandbox",
  name: "Sandbox",
  dialect: openaiChat(lenient),
  baseUrl: "https://sandbox.invalid/v1",
  auth: { env: [], authorize: (request) => request },
  endpoints: { embeddings: openaiEmbeddings() },
  local: sandboxUpstream,
});
