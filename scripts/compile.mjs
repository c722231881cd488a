// Starts the gateway that was built, lets it answer a call, and writes what V8 has compiled by then beside it: later starts take it
// from there. Begun by build.mjs as `compile.mjs start`.
import { writeFileSync } from "node:fs";
import { compiledFile, gateway, load } from "../bin/load.js";

process.env = { PORT: "0", TURNPIKE_DATABASE_URL: ":memory:", TURNPIKE_LOG_LEVEL: "error" };
const announced = new Promise((resolve) => {
  process.stdout.write = (text) => {
    const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0];
    const key = /tp_live_\w+/.exec(text)?.[0];
    if (url !== undefined && key !== undefined) resolve({ url, key });
    return true;
  };
});
load("cli");
const { url, key } = await announced;
const answer = await fetch(`${url}/v1/chat/completions`, {
  method: "POST",
  headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
  body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "Hello" }] }),
});
if (answer.status !== 200)
  throw new Error(`The gateway that was built answers ${answer.status}: ${await answer.text()}`);
await answer.text();
writeFileSync(compiledFile, gateway().createCachedData());
process.kill(process.pid, "SIGTERM");
