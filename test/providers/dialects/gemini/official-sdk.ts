// Has the official SDK read recorded answers: their bytes are served by a real server, in small pieces.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiError, type GenerateContentResponse, GoogleGenAI } from "@google/genai";
import type { Recording } from "../../../support/recordings.ts";

export interface OfficialReader {
  /** A whole answer as the SDK gives it. Throws ApiError for an error answer. */
  whole(recording: Recording): Promise<GenerateContentResponse>;
  /** The chunks of a streamed answer as the SDK gives them. */
  chunks(recording: Recording): Promise<readonly GenerateContentResponse[]>;
  close(): Promise<void>;
}

export { ApiError };

export async function startOfficialReader(): Promise<OfficialReader> {
  let serving: Recording | null = null;
  const server: Server = createServer((request, response) => {
    request.resume();
    if (serving === null) throw new Error("nothing to serve");
    const type = serving.stream ? "text/event-stream" : "application/json";
    response.writeHead(serving.status, { "content-type": type });
    const bytes = Buffer.from(serving.response);
    for (let at = 0; at < bytes.length; at += 997) response.write(bytes.subarray(at, at + 997));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sdk = new GoogleGenAI({ apiKey: "test", httpOptions: { baseUrl: `http://127.0.0.1:${port}` } });
  const request = (recording: Recording) => {
    serving = recording;
    return { model: recording.model ?? "gemini-test", contents: "Hello" };
  };
  return {
    whole: (recording) => sdk.models.generateContent(request(recording)),
    async chunks(recording) {
      const chunks: GenerateContentResponse[] = [];
      for await (const chunk of await sdk.models.generateContentStream(request(recording))) chunks.push(chunk);
      return chunks;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
