// A gateway in a process of its own, for tests of what a process needs: prints its URL and its first key, and serves until it is killed.
import { start } from "../../src/node.ts";

const { url, first } = await start(process.env);
console.log(JSON.stringify({ url, key: first?.customerKey }));
