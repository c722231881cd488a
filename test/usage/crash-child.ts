// A process that admits and settles calls as fast as it can and tells what is durable, until somebody kills it.
import { writeSync } from "node:fs";
import { systemClock } from "../../src/clock.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { createJournal } from "../../src/usage/journal.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

const [path = "", run = ""] = process.argv.slice(2);
const store = await openSqlite(path);
const journal = createJournal({ calls: store.calls, clock: systemClock, log: null, onError: () => process.exit(70) });

/** Written at once, so that what is told was true before the kill. */
const tell = (what: string) => writeSync(1, `${what}\n`);

async function call(id: string): Promise<void> {
  journal.open(sampleCall({ id }));
  await journal.opened(id);
  tell(`opened ${id}`);
  if (id.endsWith("7")) return;
  journal.settle(sampleSettlement({ id }));
  await journal.flush();
  tell(`settled ${id}`);
}

for (let round = 0; ; round++) {
  await Promise.race(Array.from({ length: 20 }, (_, index) => call(`req_${run}_${round}_${index}`)));
}
