// A stop waits for calls, and not for requests that never come whole.
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startCrew } from "../support/workers.ts";

test("a client that stops sending in the middle of a form does not keep the gateway from ending", async () => {
  // Longer than this test may take: nothing but the client is waited for.
  const crew = await startCrew({ upstream: "http://127.0.0.1:9", env: { TURNPIKE_DRAIN_TIMEOUT_MS: "600000" } });
  const { key } = await crew.newKey("stalled");
  const client = connect(Number(new URL(crew.url).port), "127.0.0.1");
  client.on("error", () => {});
  const part = (name: string, more = ""): string =>
    `--b\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
  client.write(
    [
      "POST /v1/audio/transcriptions HTTP/1.1",
      `host: gateway\r\nauthorization: Bearer ${key}\r\ncontent-length: 9000000`,
      `content-type: multipart/form-data; boundary=b\r\n\r\n${part("model")}openai/whisper-1`,
      `${part("file", '; filename="a.mp3"')}${"x".repeat(2_000_000)}`,
    ].join("\r\n"),
  );
  await once(client, "drain");
  const closed = new Promise((resolve) => client.on("close", resolve));
  await crew.close();
  expect(crew.keeper.exitCode).toBe(0);
  await closed;
}, 180_000);
