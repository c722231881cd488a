// A gateway in a process of its own, for tests of what a process needs: prints its URL and its first key, and serves until it is killed.
import { start } from "../../src/node.ts";

const { url, first, reload, close } = await start(process.env);
process.on("SIGTERM", () => void close().then(() => process.exit(0)));
const tell = (reloaded: boolean): void => console.log(JSON.stringify({ reloaded }));
if (reload !== undefined) {
  process.on("SIGHUP", () =>
    reload().then(
      () => tell(true),
      () => tell(false),
    ),
  );
}
console.log(JSON.stringify({ url, key: first?.customerKey, adminKey: first?.adminKey }));
