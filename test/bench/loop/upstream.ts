// The providers behind the heavy calls: small answers, or the large one that is set, in the dialect that the path says.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the providers' answers say. */
export interface Saying {
  readonly text: string;
  readonly usage: boolean;
  /** Of embeddings, how many and how long. */
  readonly embeddings?: { readonly amount: number; readonly length: number };
}

export interface Upstream {
  readonly url: string;
  /** What calls whose path is not that of the gentle load are answered from now on. */
  say(saying: Saying): void;
  close(): void;
}

export const small: Saying = { text: "The quick brown fox. ".repeat(30), usage: true };

export async function startUpstream(): Promise<Upstream> {
  let answers = answersOf(small);
  const gentle = answersOf(small);
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const head = parts[0]?.toString("latin1", 0, 400) ?? "";
      const isGentle = head.includes("[gentle]");
      if (head.includes('"stream":true')) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        if (isGentle) streamGently(response);
        else response.end(answers.stream);
        return;
      }
      const body = (isGentle ? gentle : answers).whole(request.url ?? "", head.includes('"base64"'));
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    say: (saying) => {
      answers = answersOf(saying);
    },
    close: () => server.closeAllConnections(),
  };
}

const frame = (content: string, finish: string | null): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

function streamGently(response: { write(text: string): unknown; end(text: string): unknown }): void {
  let left = 40;
  const timer = setInterval(() => {
    response.write(frame(" word", null));
    if (--left > 0) return;
    clearInterval(timer);
    response.end(`${frame("", "stop")}data: [DONE]\n\n`);
  }, 5);
}

/** Written once: the bench itself must not stand still meanwhile. */
function answersOf({ text, usage, embeddings }: Saying) {
  const openai = {
    ...{ id: "c", object: "chat.completion", created: 1, model: "m" },
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    ...(usage && { usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 } }),
  };
  const anthropic = {
    ...{ id: "m", type: "message", role: "assistant", model: "claude-sonnet-4-5", stop_reason: "end_turn" },
    content: [{ type: "text", text }],
    ...(usage && { usage: { input_tokens: 9, output_tokens: 9 } }),
  };
  const google = {
    candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP", index: 0 }],
    ...(usage && { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 9, totalTokenCount: 18 } }),
  };
  const bedrock = {
    output: { message: { role: "assistant", content: [{ text }] } },
    ...{ stopReason: "end_turn", metrics: { latencyMs: 9 } },
    ...(usage && { usage: { inputTokens: 9, outputTokens: 9, totalTokens: 18 } }),
  };
  const [openaiText, anthropicText, googleText, bedrockText] = [openai, anthropic, google, bedrock].map((answer) =>
    Buffer.from(JSON.stringify(answer)),
  ) as [Buffer, Buffer, Buffer, Buffer];
  const floats = embeddings === undefined ? Buffer.from("{}") : embeddingsOf(embeddings, false);
  const base64 = embeddings === undefined ? Buffer.from("{}") : embeddingsOf(embeddings, true);
  const piece = text.slice(0, 4_096);
  const stream = Buffer.from(
    `${frame(piece, null).repeat(Math.max(1, Math.round(text.length / piece.length)))}${frame("", "stop")}data: [DONE]\n\n`,
  );
  return {
    stream,
    whole(path: string, inBase64: boolean): Buffer {
      if (path.includes("/embeddings")) return inBase64 ? base64 : floats;
      if (path.includes("/messages")) return anthropicText;
      if (path.includes("generateContent")) return googleText;
      return path.includes("/converse") ? bedrockText : openaiText;
    },
  };
}

function embeddingsOf({ amount, length }: { amount: number; length: number }, base64: boolean): Buffer {
  const vector = Float32Array.from({ length }, (_, at) => Math.sin(at + 1) / 37);
  const embedding = base64
    ? JSON.stringify(Buffer.from(vector.buffer).toString("base64"))
    : `[${[...vector].map((value) => Number(value.toFixed(9))).join(",")}]`;
  const data = Array.from(
    { length: amount },
    (_, at) => `{"object":"embedding","index":${at},"embedding":${embedding}}`,
  );
  return Buffer.from(
    `{"object":"list","data":[${data.join(",")}],"model":"m","usage":{"prompt_tokens":9,"total_tokens":9}}`,
  );
}
