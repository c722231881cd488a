// The two sides that generated chats and answers go between: each client dialect, and each provider dialect with its wire.

import { anthropicMessagesServer } from "../../../providers/dialects/anthropic-messages/index.ts";
import type { ServerDialect, Target, ClientDialect as Upstream } from "../../../providers/dialects/dialect.ts";
import { geminiServer } from "../../../providers/dialects/gemini/index.ts";
import { openaiChatServer } from "../../../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../../../providers/dialects/openai-responses/index.ts";
import { providers } from "../../../providers/index.ts";
import { anthropicWire } from "../upstreams/anthropic.ts";
import { bedrockWire } from "../upstreams/bedrock.ts";
import { cohereWire } from "../upstreams/cohere.ts";
import { geminiWire } from "../upstreams/gemini.ts";
import { openaiChatWire } from "../upstreams/openai-chat.ts";
import { openaiResponsesWire } from "../upstreams/openai-responses.ts";
import type { Wire } from "../upstreams/said.ts";
import type { ClientDialect } from "./requests.ts";

export const servers: readonly (ServerDialect & { readonly id: ClientDialect })[] = [
  openaiChatServer,
  openaiResponsesServer,
  anthropicMessagesServer,
  geminiServer,
].map((server) => ({ ...server, id: server.id as ClientDialect }));

export interface ProviderSide {
  readonly wire: Wire;
  readonly dialect: Upstream;
  readonly target: Target;
}

export const providerSides: readonly ProviderSide[] = [
  openaiChatWire,
  openaiResponsesWire,
  anthropicWire,
  geminiWire,
  bedrockWire,
  cohereWire,
].map((wire) => {
  const [providerId = "", ...model] = wire.model.split("/");
  const dialect = providers.find(({ id }) => id === providerId)?.dialects.find(({ id }) => id === wire.dialect);
  if (dialect === undefined) throw new Error(`no provider speaks ${wire.dialect} to ${wire.model}`);
  return { wire, dialect, target: { providerId, model: model.join("/"), traits: { reasoning: true, tools: true } } };
});

/** Every pair of a client's dialect and a provider's. */
export const pairs = servers.flatMap((server) =>
  providerSides.map((side) => ({ client: server.id, provider: side.wire.dialect, server, side })),
);
