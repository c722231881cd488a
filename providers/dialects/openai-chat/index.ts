// OpenAI chat completions: the dialect that most providers and most clients speak.
export { compatibleChat, openaiChat } from "./client/index.ts";
export type { Quirks } from "./quirks.ts";
export { openaiChatServer } from "./server/index.ts";
export { gatewayMembers, routingMembers } from "./wire.ts";
