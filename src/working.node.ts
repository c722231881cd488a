// A worker: one of several processes that serve the calls of an installation. It is begun, told and ended by its keeper.
import { Socket } from "node:net";
import { failuresAllowed } from "./assemble.ts";
import { ConfigError } from "./config.ts";
import { openHouse, readGround, unlockVault } from "./house.node.ts";
import { callLogPath } from "./keeping.node.ts";
import { KeyRing } from "./keys/ring.ts";
import { createThrottle } from "./keys/throttle.ts";
import { describeError, type Log } from "./observe/log.ts";
import { guardProcess } from "./observe/log-process.node.ts";
import { writeSnapshot } from "./router/snapshot.ts";
import { serveCalls } from "./serving.node.ts";
import { lockForServing } from "./store/lock.ts";
import { openSqlite } from "./store/sqlite.ts";
import { createUpkeep } from "./upkeep.ts";
import { logFileOf, openLogFile } from "./usage/call-log.node.ts";
import { createJournal } from "./usage/journal.ts";
import { relayAdmin } from "./workers/admin-relay.node.ts";
import type { Beginning, Keeping, Serving } from "./workers/contract.ts";
import { healthMs, watchHealth } from "./workers/health.ts";
import { openLink } from "./workers/link.node.ts";
import { unpack } from "./workers/packed.node.ts";
import { createAlertsAtKeeper } from "./workers/remote-alerts.ts";
import { remoteLimits } from "./workers/remote-limits.ts";
import { remoteStore } from "./workers/remote-store.ts";
import { shareRooms } from "./workers/shared-rooms.ts";
import { shareThrottle } from "./workers/shared-throttle.ts";

/** The pipes that the keeper gives a worker, by their numbers among its files. */
const linkFile = 4;
const adminFile = 5;
/** How often what was measured is told. */
const measuresMs = 10_000;
/** And what was counted: one that is killed leaves no more than this untold. */
const countedMs = 2_000;

/** What the keeper may tell a worker once it serves. */
type Orders = Omit<Serving, "begin" | "pulse">;

let orders: Orders | null = null;
let log: Log | null = null;
const report = (error: unknown): void => log?.error("what the keeper told could not be done", describeError(error));

const order =
  <Name extends keyof Orders>(name: Name) =>
  (value: Parameters<Orders[Name]>[0]) =>
    (orders?.[name] as ((value: unknown) => unknown) | undefined)?.(value);

const handlers: Serving = {
  begin: (beginning) => void begin(beginning).catch(failed),
  pulse: () => {},
  forgetKey: order("forgetKey"),
  forgetKeysOf: order("forgetKeysOf"),
  aliases: order("aliases"),
  connections: order("connections"),
  models: order("models"),
  logLevel: order("logLevel"),
  health: order("health"),
  rooms: order("rooms"),
  failure: order("failure"),
  metrics: () => orders?.metrics(null) ?? "",
  flush: async () => void (await orders?.flush(null)),
  // One that has not begun has nothing to end.
  retire: () => (orders === null ? process.exit(0) : orders.retire(null)),
  stop: () => (orders === null ? process.exit(0) : orders.stop(null)),
};
const keeper = openLink<Keeping>(new Socket({ fd: linkFile }), handlers, report);

// Nobody counts, records or settles without the keeper; what is under way is recovered from the log.
let ending = false;
void keeper.closed.then(() => process.exit(ending ? 0 : 1));
// They reach every process of a terminal or a service; the keeper tells its workers what is to be done.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

function failed(error: unknown): void {
  log?.error("a worker could not start", describeError(error));
  const message = error instanceof Error ? error.message : String(error);
  keeper.tell("failed", { message, setting: error instanceof ConfigError });
  keeper.end();
}

async function begin({ number, env }: Beginning): Promise<void> {
  const ground = readGround(env, number);
  log = ground.log;
  guardProcess(ground.log);
  const { clock, onError } = ground;
  const store = remoteStore(await openSqlite(ground.location.path), keeper);
  const vault = await unlockVault(ground, store);
  const rooms = shareRooms((use) => keeper.tell("room", use));
  const failures = shareThrottle(createThrottle(clock, failuresAllowed), (address) => keeper.tell("failure", address));
  const house = await openHouse(ground, store, vault, createAlertsAtKeeper(keeper), rooms.open);
  const { connections, router } = house;
  const { measures } = router;
  await createUpkeep({ ...house, measures, connections: connections.current() }).begin();

  const logPath = logFileOf(callLogPath(ground) ?? "", number);
  lockForServing(logPath);
  const journal = createJournal({ calls: store.calls, clock, log: openLogFile(logPath), onError });
  house.observing.followJournal(journal, house.alerts);
  const ring = new KeyRing({ keys: store.keys, digest: vault.digest, clock, onError });
  ring.watch();
  const serving = await serveCalls(house, {
    ring,
    journal,
    limits: remoteLimits(keeper),
    admin: relayAdmin(new Socket({ fd: adminFile })),
    metricsText: () => keeper.ask("metrics", null),
    failures,
    worker: number,
  });

  const watch = watchHealth({ measures, connections });
  const tellHealth = (): void => {
    const health = watch.changes();
    if (health !== null) keeper.tell("health", health);
    const counts = watch.counts(clock.now());
    if (counts !== null) keeper.tell("counts", counts);
  };
  const tellMeasures = (): void => keeper.tell("measures", writeSnapshot(measures.snapshot(clock.now())));
  setInterval(tellHealth, healthMs).unref();
  const tellCounted = (): void => keeper.tell("counted", house.observing.metrics.text());
  setInterval(tellMeasures, measuresMs).unref();
  setInterval(tellCounted, countedMs).unref();

  const end = async (served: () => Promise<void>): Promise<void> => {
    if (ending) return;
    ending = true;
    await served();
    house.leave();
    await house.observing.close();
    await ring.close();
    await journal.close();
    await house.trail.close().catch(onError);
    tellHealth();
    tellMeasures();
    tellCounted();
    keeper.end();
  };
  orders = {
    forgetKey: (id) => ring.forget(id),
    forgetKeysOf: ({ customer, project }) => ring.forgetOf(customer, project),
    aliases: () => house.aliases.refresh(),
    connections: () => connections.refresh(),
    models: (declarations) => house.catalog.declare(unpack(declarations)),
    logLevel: (level) => ground.log.setLevel(level),
    health: (health) => watch.adopt(health),
    rooms: (uses) => rooms.hear(uses),
    failure: (address) => failures.hear(address),
    metrics: () => house.observing.metrics.text(),
    flush: () => journal.flush(),
    retire: () => end(serving.retire),
    // One that retires is in no hurry until now.
    stop: async () => {
      const closed = serving.close();
      await end(() => closed);
    },
  };
  keeper.tell("ready", { url: serving.url });
}
