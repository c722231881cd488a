// The benchmark's upstream: one answer from memory, whole or as a stream of small chunks.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const text = "The quick brown fox jumps over the lazy dog. ".repeat(12);
const whole = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "gpt-4o-2024-08-06",
  choices: [
    { index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: null, finish_reason: "stop" },
  ],
  usage: { prompt_tokens: 120, completion_tokens: 130, total_tokens: 250, prompt_tokens_details: { cached_tokens: 0 } },
});
const frame = (choices: unknown, usage: unknown): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_700_000_000, model: "gpt-4o", choices, usage })}\n\n`;
const piece = frame([{ index: 0, delta: { content: " word" }, logprobs: null, finish_reason: null }], null);
const tail =
  frame([{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }], null) +
  frame([], { prompt_tokens: 120, completion_tokens: 200, total_tokens: 320 }) +
  "data: [DONE]\n\n";

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    if (!body.includes('"stream":true')) {
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(whole) });
      response.end(whole);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    let left = 200;
    const send = (): void => {
      left -= 1;
      response.write(piece);
      if (left > 0) setImmediate(send);
      else response.end(tail);
    };
    send();
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
