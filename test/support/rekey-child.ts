// A process that rekeys a database and kills itself on the way, without a chance to clean up, where its arguments say.
import { systemClock } from "../../src/clock.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { rekey } from "../../src/vault/rekey.ts";
import { masterKeyWrapper, type Wrapper } from "../../src/vault/wrapper.ts";

const [path = "", from = "", to = "", where = "", count = "0"] = process.argv.slice(2);
const store = await openSqlite(path);
const current = masterKeyWrapper(Buffer.from(to, "base64"), "the master key");
let wraps = 0;
let steps = 0;
const dying: Wrapper = {
  ...current,
  wrap: async (key, about) => {
    wraps += 1;
    if (where === "wrap" && wraps === Number(count)) process.kill(process.pid, "SIGKILL");
    return current.wrap(key, about);
  },
};
await rekey({
  store: store.keyring,
  masters: { current: dying, previous: [masterKeyWrapper(Buffer.from(from, "base64"), "the previous master key")] },
  now: () => systemClock.now(),
  batch: 2,
  onStep: () => {
    steps += 1;
    if (where === "step" && steps === Number(count)) process.kill(process.pid, "SIGKILL");
  },
});
await store.close();
