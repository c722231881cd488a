// OpenAI responses: the dialect of OpenAI's newer API, with items, encrypted reasoning and typed events.
export { openaiResponses } from "./client/index.ts";
export type { Quirks } from "./quirks.ts";
export { openaiResponsesServer } from "./server/index.ts";
