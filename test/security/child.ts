// A gateway in a process of its own that its parent may ask for a snapshot of its heap, or to crash with a secret in its hands.
import { writeHeapSnapshot } from "node:v8";
import { start } from "../../src/node.ts";
import { guardProcess } from "../../src/observe/log-process.node.ts";

const running = await start(process.env);
guardProcess(running.log);

process.on("message", (asked: { readonly do: "snapshot" | "stop" | "crash"; readonly text: string }) => {
  if (asked.do === "stop") void running.close().then(() => process.exit(0));
  else if (asked.do === "crash") setImmediate(() => crash(asked.text));
  else void snapshot(asked.text);
});
process.send?.({ url: running.url });

async function snapshot(path: string): Promise<void> {
  // What requests have left is let go of in turns of the event loop.
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.send?.({ snapshot: writeHeapSnapshot(path) });
}

function crash(text: string): never {
  const error = new Error(`request to the provider failed: authorization: Bearer ${text}`);
  throw Object.assign(error, { headers: { authorization: `Bearer ${text}` } });
}
