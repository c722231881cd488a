// The benchmark's upstream: one answer from memory in the dialect that the path says, whole or as a stream of small chunks.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const text = "The quick brown fox jumps over the lazy dog. ".repeat(12);
const chunks = 200;
const openai = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "gpt-4o-2024-08-06",
  choices: [
    { index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: null, finish_reason: "stop" },
  ],
  usage: { prompt_tokens: 120, completion_tokens: 130, total_tokens: 250, prompt_tokens_details: { cached_tokens: 0 } },
});
const anthropic = JSON.stringify({
  id: "msg_bench",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  content: [{ type: "text", text }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 120, output_tokens: 130, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
});
const google = JSON.stringify({
  candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP", index: 0 }],
  usageMetadata: { promptTokenCount: 120, candidatesTokenCount: 130, totalTokenCount: 250 },
  modelVersion: "gemini-2.5-flash",
  responseId: "bench",
});
const frame = (choices: unknown, usage: unknown): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_700_000_000, model: "gpt-4o", choices, usage })}\n\n`;
const saying = (content: string): string =>
  frame([{ index: 0, delta: { content }, logprobs: null, finish_reason: null }], null);
const piece = saying(" word");
const tail =
  frame([{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }], null) +
  frame([], { prompt_tokens: 120, completion_tokens: chunks, total_tokens: 120 + chunks }) +
  "data: [DONE]\n\n";

/** What a prompt may ask of a stream: to be sent as fast as it goes, in steps that say when, or never to go on. */
const modes = [
  [
    "[timed]",
    (response: ServerResponse): void => {
      let left = 50;
      const timer = setInterval(() => {
        response.write(saying(` ${performance.timeOrigin + performance.now()}`));
        if (--left > 0) return;
        clearInterval(timer);
        response.end(tail);
      }, 10);
    },
  ],
  ["[idle]", (response: ServerResponse): void => void response.write(piece)],
  [
    "",
    (response: ServerResponse): void => {
      let left = chunks;
      const send = (): void => {
        response.write(piece);
        if (--left > 0) setImmediate(send);
        else response.end(tail);
      };
      send();
    },
  ],
] as const;

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    // Its beginning says it: a large prompt need not be looked through.
    const head = parts[0]?.toString("latin1", 0, 2_048) ?? "";
    if (!head.includes('"stream":true')) {
      const url = request.url ?? "";
      const whole = url.includes("/messages") ? anthropic : url.includes("generateContent") ? google : openai;
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(whole) });
      response.end(whole);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    modes.find(([mark]) => head.includes(mark))?.[1](response);
  });
});
server.listen(0, "127.0.0.1", 4_096, () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
