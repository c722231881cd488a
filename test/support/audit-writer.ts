// A process that appends to a trail, for tests of what several do at once and of what one leaves that is killed. Prints each number once it is durable.
import { openTrail } from "../../src/auditing.ts";
import { systemClock } from "../../src/clock.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

const [path = "", name = "", count = "0"] = process.argv.slice(2);
const store = await openSqlite(path);
const trail = await openTrail({
  store,
  masterKey: new Uint8Array(32).fill(1),
  clock: systemClock,
  alerts: null,
  onError: (error) => console.error(error),
});
const write = async (number: number): Promise<void> => {
  await trail.record({
    action: "test.write",
    actor: { type: "system", id: "" },
    target: { type: "test", id: `${name}-${number}` },
    outcome: "success",
  });
  console.log(number);
};
for (let number = 0; number < Number(count); number += 4) {
  await Promise.all([0, 1, 2, 3].map((more) => write(number + more)));
  if (number % 100 === 0) await trail.checkpoint();
}
await store.close();
