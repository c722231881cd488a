// Answers of an OpenAI-compatible server, as short as they can be, for tests of what happens around them.
import type { Received, Script, Step } from "./answers.ts";

/** Requests to the server whose base URL ends in this path. */
export const at = (server: string) => (request: Received) => request.path.startsWith(`/${server}/`);

export const withKey = (key: string) => (request: Received) => request.headers.authorization === `Bearer ${key}`;

/** As often as it is asked. */
export const always = { times: Number.POSITIVE_INFINITY };

const head = (status: number, headers: Record<string, string> = {}): Step => ({
  kind: "head",
  status,
  headers: { "content-type": "application/json", ...headers },
});

/** An error with this status. */
export const failing =
  (status: number, headers: Record<string, string> = {}, error: object = {}): Script =>
  () => [head(status, headers), JSON.stringify({ error: { message: "upstream says no", type: "error", ...error } })];

/** Three tokens were read and one was said. */
export const answer: Script = () => [
  head(200),
  JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  }),
];
