// Asks issuers on Node, by the certificates that a rule brings where it brings some.
import { Agent, request } from "undici";
import type { FetchDocument } from "./issuer.ts";

export const nodeFetchDocument: FetchDocument = async (url, { ca, timeoutMs, maxBytes }) => {
  const agent = new Agent({
    connect: { timeout: timeoutMs, ...(ca !== null && { ca }) },
    maxResponseSize: maxBytes,
    pipelining: 0,
  });
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode === 200) return await body.json();
    await body.dump();
    throw new Error(`answered with status ${statusCode}`);
  } finally {
    await agent.destroy();
  }
};
