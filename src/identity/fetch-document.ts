// Asks issuers by the platform's fetch (Workers), which knows no certificates but the platform's.
import type { FetchDocument } from "./issuer.ts";

export const webFetchDocument: FetchDocument = async (url, { ca, timeoutMs, maxBytes }) => {
  if (ca !== null) throw new Error("certificates of one's own are not possible here");
  const response = await fetch(url, {
    redirect: "manual",
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`answered with status ${response.status}`);
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > maxBytes) throw new Error("answered with too much");
    pieces.push(piece);
  }
  return JSON.parse(Buffer.concat(pieces).toString("utf8")) as unknown;
};
