// The keeper: the first process where several serve. It keeps what they share (limits, the database's records, upkeep, the
// operators' surface) and serves no call itself.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bootstrap } from "./bootstrap.ts";
import { ConfigError } from "./config.ts";
import { checkpointsOf, type Ground, type House, openHouse, readGround, unlockVault } from "./house.node.ts";
import { callLogPath, recoverCalls, recovering } from "./keeping.node.ts";
import { createLimiter, withdrawalsFrom } from "./limiting.ts";
import type { Running } from "./node.ts";
import { notifyOnNode } from "./notifying.node.ts";
import { openSeat, type Seat, type TellAll } from "./seat.node.ts";
import { lockForServing } from "./store/lock.ts";
import type { OpenCall, Store } from "./store/port.ts";
import { openSqlite } from "./store/sqlite.ts";
import { logFileOf, readLogFile, removeLogFile } from "./usage/call-log.node.ts";
import { fromLogged } from "./usage/call-log.ts";
import { relayedPeer, serveRelayed } from "./workers/admin-relay.node.ts";
import { type Account, createBank } from "./workers/bank.ts";
import type { Records, Serving } from "./workers/contract.ts";
import { type Crew, createCrew, type Member } from "./workers/crew.node.ts";
import { settleEstate } from "./workers/estate.ts";
import type { Given } from "./workers/link.node.ts";
import { unpack } from "./workers/packed.node.ts";
import { operateOn } from "./workers/remote-store.ts";
import { openRoomBook } from "./workers/shared-rooms.ts";
import { keepTally, type Tally } from "./workers/tally.ts";

/** How long after the calls' time-out a worker may take to end. */
const endingMs = 10_000;
/** How long a worker may take to tell its metrics, before those that it told last are told. */
const metricsMs = 1_000;
/** How soon the calls of a dead worker are settled again where the database did not take it. */
const settleAgainMs = 1_000;

/** Whose metrics are the keeper's own. */
const keeperName = "keeper";

/** What a worker has to do with. */
interface Desk {
  readonly account: Account;
  /** Its calls that the database has as open ones. */
  readonly open: Map<string, OpenCall>;
  appending: Promise<void>;
}

/**
 * Starts a keeper and its workers.
 * @throws ConfigError when a setting can't be used, or another process serves from the same database.
 */
export async function startKeeper(ground: Ground): Promise<Running> {
  const { config, env, clock, log, onError, location } = ground;
  const logPath = callLogPath(ground);
  if (logPath === null) {
    throw new ConfigError("TURNPIKE_WORKERS: several workers share a database file; one in memory has one worker");
  }
  const unlock = lockForServing(location.path);
  const store = await openSqlite(location.path, checkpointsOf(ground));
  const vault = await unlockVault(ground, store);
  const first = await bootstrap({ store, digest: vault.digest, clock, adminKey: config.adminKey });
  const notifying = notifyOnNode({ config, store, masterKey: vault.masterKey, clock, log, onError });
  const tellAll: TellAll = (name, value) => {
    for (const { link } of crew.members()) link.tell(name, value);
  };
  const tellOthers = <Name extends keyof Serving>(than: Member, name: Name, value: Given<Serving, Name>): void => {
    for (const { number, link } of crew.members()) if (number !== than.number) link.tell(name, value);
  };
  const open = (on: Ground): Promise<House> => openHouse(on, store, vault, notifying.alerts);
  const sit = (house: House): Promise<Seat> =>
    openSeat(house, {
      ...{ notifying, tellAll, peer: relayedPeer },
      withdraw: (customer, credit) => withdrawalsFrom(limiter)(customer, credit),
    });

  /** Taken before the first worker is hired. */
  let seat: Seat;

  const limiter = createLimiter({
    calls: store.calls,
    ledger: store.ledger,
    clock,
    log,
    alerts: notifying.alerts,
    flush: () => crew.flush(),
  });
  const bank = createBank(limiter, clock.now);
  const desks = new Map<number, Desk>();
  const tally = keepTally();
  const roomBook = openRoomBook();
  /** Workers that know of all that others have used so far. */
  const greeted = new Map<number, Member>();
  let closing: Promise<void> | null = null;

  /** Whatever a worker has left is brought into the database before its number is another's. */
  const settled = async ({ number }: Member): Promise<void> => {
    const desk = desks.get(number);
    const path = logFileOf(logPath, number);
    desks.delete(number);
    tally.leave(String(number));
    greeted.delete(number);
    const ended = roomBook.leave(number, clock.now());
    if (ended.length > 0) for (const { link } of greeted.values()) link.tell("rooms", ended);
    seat.left(number);
    while (desk !== undefined) {
      try {
        await desk.appending.catch(() => {});
        const used = await settleEstate({ open: desk.open, logged: readLogFile(path) }, await recovering(seat.house));
        desk.account.close(used);
        removeLogFile(path);
        return;
      } catch (error) {
        onError(error);
        // A start of the gateway does it, too.
        if (closing !== null) return;
        await sleep(settleAgainMs);
      }
    }
  };

  const operate = operateOn(store);
  const port = config.port === 0 ? await freePort(config.host) : config.port;
  const crew = createCrew({
    program: fileURLToPath(
      new URL(import.meta.url.endsWith(".ts") ? "./worker-process.node.ts" : "../../bin/worker.js", import.meta.url),
    ),
    env: { ...present(env), PORT: String(port) },
    silenceMs: config.workerSilenceMs,
    log,
    onError,
    administer: serveRelayed((request) => seat.admin.fetch(request)),
    handlers(member) {
      const desk: Desk = { account: bank.open(), open: new Map(), appending: Promise.resolve() };
      desks.set(member.number, desk);
      return {
        ...desk.account,
        async append(records) {
          desk.appending = append(store, desk, records);
          await desk.appending;
        },
        async operate(operation) {
          const result = await operate(operation);
          // A key's holder has ended it.
          if (operation.of === "keys" && operation.name === "revoke")
            tellAll("forgetKey", String(unpack(operation.args)[0]));
          return result;
        },
        counted: (metrics) => tally.tell(String(member.number), metrics),
        async metrics() {
          await askMetrics(crew, tally);
          tally.tell(keeperName, seat.house.observing.metrics.text());
          return tally.text();
        },
        raise: ({ kind, subject, message }) => notifying.alerts.raise(kind, subject, message),
        resolve: ({ kind, subject }) => notifying.alerts.resolve(kind, subject),
        health(health) {
          seat.watch.adopt(health);
          tellOthers(member, "health", health);
        },
        room(use) {
          roomBook.note(member.number, use);
          for (const [number, { link }] of greeted) if (number !== member.number) link.tell("rooms", [use]);
        },
        failure: (address) => tellOthers(member, "failure", address),
        counts: (counts) => seat.census.count(member.number, counts),
        measures: (snapshot) => seat.measured(member.number, snapshot),
      };
    },
    onReady(member) {
      const { number, link } = member;
      link.tell("health", seat.watch.present());
      link.tell("rooms", roomBook.present(number, clock.now()));
      greeted.set(number, member);
    },
    onGone: settled,
  });

  const house = await open(ground);
  await recoverCalls(house);
  seat = await sit(house);

  const reload = async (): Promise<void> => {
    const next = await open(readGround(env));
    try {
      await crew.reload();
    } catch (error) {
      next.leave();
      throw error;
    }
    await seat.close();
    tally.tell(keeperName, seat.house.observing.metrics.text());
    tally.leave(keeperName);
    seat = await sit(next);
    log.info("new workers have taken over", { workers: config.workers });
  };

  const stop = async (): Promise<void> => {
    await crew.stop(config.drainTimeoutMs + endingMs);
    await seat.close();
    await notifying.close();
    await seat.house.trail.close().catch(onError);
    await store.close();
    unlock();
  };

  const url = await crew.begin(config.workers);
  let reloading: Promise<void> | null = null;
  return {
    url,
    first,
    log: {
      ...log,
      get level() {
        return log.level;
      },
      setLevel(level) {
        log.setLevel(level);
        tellAll("logLevel", level);
      },
    },
    reload() {
      reloading ??= reload().finally(() => {
        reloading = null;
      });
      return reloading;
    },
    close() {
      closing ??= stop();
      return closing;
    },
  };
}

/** Asks all for their metrics; what those told last who don't answer in time stands. */
async function askMetrics(crew: Crew, tally: Tally): Promise<void> {
  const asked = crew.members().map(async ({ number, link }) => {
    const text = await Promise.race([link.ask("metrics", null).catch(() => null), sleep(metricsMs, null)]);
    if (text !== null) tally.tell(String(number), text);
  });
  await Promise.all(asked);
}

async function append(store: Store, { open }: Desk, { opened, settled }: Records): Promise<void> {
  await store.calls.append({ opened, settled: settled.map(fromLogged) });
  for (const call of opened) open.set(call.id, call);
  for (const { id } of settled) open.delete(id);
}

/** Workers that come later must listen where the first ones did. */
async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function present(env: Ground["env"]): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
