// An upstream in OpenAI's dialect that takes one key at a time, and counts what it takes and refuses.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface KeyCheckingUpstream {
  readonly url: string;
  /** The only key that is taken. */
  key: string;
  readonly served: ReadonlyMap<string, number>;
  refused: number;
  close(): Promise<void>;
}

const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_767_225_600,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
};
const { choices: _choices, usage: _usage, ...head } = completion;
const chunks = [
  {
    ...head,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: { content: "Hello." }, finish_reason: null }],
  },
  { ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { ...head, object: "chat.completion.chunk", choices: [], usage: completion.usage },
];
const refusal = {
  error: {
    message: "Incorrect API key provided.",
    type: "invalid_request_error",
    param: null,
    code: "invalid_api_key",
  },
};

export async function startKeyCheckingUpstream(key: string): Promise<KeyCheckingUpstream> {
  const served = new Map<string, number>();
  const state = { key, refused: 0 };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const shown = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    if (shown !== state.key) {
      state.refused += 1;
      response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify(refusal));
      return;
    }
    served.set(shown, (served.get(shown) ?? 0) + 1);
    if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.end("data: [DONE]\n\n");
      return;
    }
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(completion));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}
