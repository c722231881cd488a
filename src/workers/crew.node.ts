// The crew: the workers of a keeper. It hires them, replaces those that die, and lets new ones take over from old ones.
import cluster, { type Worker } from "node:cluster";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../config.ts";
import type { Log } from "../observe/log.ts";
import type { Beginning, Keeping, Serving } from "./contract.ts";
import { passOnUntaken } from "./handovers.node.ts";
import { type Link, openLink } from "./link.node.ts";
import { followPulse } from "./pulse.ts";

/** A worker, as its keeper sees it. */
export interface Member {
  readonly number: number;
  readonly link: Link<Serving>;
}

export interface CrewOptions {
  /** The program of a worker. */
  readonly program: string;
  readonly env: Beginning["env"];
  /** A worker that does not answer for so long is killed, and replaced. */
  readonly silenceMs: number;
  readonly log: Log;
  /** What a new worker may tell and ask, beside how its start went. */
  handlers(member: Member): Omit<Keeping, "ready" | "failed">;
  /** The worker's pipe for administrators. */
  administer(pipe: Duplex): void;
  /** A worker has begun to serve. */
  onReady(member: Member): void;
  /** A worker is gone, whatever the reason. Its number is given to another one when this is done. Must not reject. */
  onGone(member: Member): Promise<void>;
  onError(error: unknown): void;
}

export interface Crew {
  /** Resolves to where they listen when all of them do. Rejects with what is wrong, and none is left then. */
  begin(size: number): Promise<string>;
  /** New workers take over; the old ones serve what they have begun. Rejects when the new ones can't start: nothing has changed then. */
  reload(): Promise<void>;
  /** Those that live, old ones that are not at their end included. */
  members(): readonly Member[];
  /** Resolves when all that workers have recorded so far is in the database, what dead ones have left included. */
  flush(): Promise<void>;
  /** Tells all to end, and waits; those that are not gone in time are killed. */
  stop(withinMs: number): Promise<void>;
}

interface Hired extends Member {
  readonly process: Worker;
  readonly startedAtMs: number;
  readonly ready: Promise<string>;
  /** Resolves when it is gone and settled. */
  readonly gone: Promise<void>;
  /** Whether it has said that it serves. */
  serves: boolean;
  /** Whether another one is wanted in its place when it dies. */
  wanted: boolean;
}

/** A worker that has lived so long has not failed at its start. */
const soundMs = 10_000;
/** One that does not serve after so long never will. */
const startWithinMs = 120_000;
const [firstPauseMs, longestPauseMs] = [100, 10_000];
/** The pipes of a worker, by their places in `stdio`. */
const [linkPipe, adminPipe] = [4, 5];

export function createCrew(options: CrewOptions): Crew {
  const { log, onError } = options;
  const hired = new Map<number, Hired>();
  let stopping = false;
  let failures = 0;
  cluster.setupPrimary({
    exec: options.program,
    args: [],
    stdio: ["ignore", "inherit", "inherit", "ipc", "pipe", "pipe"],
  });

  function hire(): Hired {
    const number = leastFree(hired);
    const process = cluster.fork();
    passOnUntaken(process, () =>
      [...hired.values()].some(({ serves, process: of }) => serves && of !== process && !of.isDead()),
    );
    // A connection that is handed to one that dies can fail to be sent.
    process.on("error", onError);
    const pipes = process.process.stdio as unknown as readonly Duplex[];
    const ready = Promise.withResolvers<string>();
    ready.promise.catch(() => {});
    const handlers: Keeping = {
      ready({ url }) {
        member.serves = true;
        ready.resolve(url);
      },
      failed: ({ message, setting }) => ready.reject(setting ? new ConfigError(message) : new Error(message)),
      ...options.handlers({
        number,
        get link() {
          return link;
        },
      }),
    };
    const link = openLink<Serving>(pipes[linkPipe] as Duplex, handlers, onError);
    const exited = Promise.withResolvers<void>();
    process.on("exit", () => exited.resolve());
    const member: Hired = {
      number,
      link,
      process,
      startedAtMs: Date.now(),
      ready: ready.promise,
      // All that it had said is heard before the link closes.
      gone: Promise.all([exited.promise, link.closed]).then(() => leave(member)),
      serves: false,
      wanted: false,
    };
    hired.set(number, member);
    void member.gone.then(() => ready.reject(new Error(`worker ${number} ended before it served`)));
    watch(member);
    pipes[adminPipe]?.on("error", () => {});
    options.administer(pipes[adminPipe] as Duplex);
    link.tell("begin", { number, env: options.env });
    return member;
  }

  /** Kills it when it hangs: at its start, or later. */
  function watch({ number, link, process, ready, gone }: Hired): void {
    const kill = (): void => {
      log.error("a worker does not answer, and is killed", { worker: number });
      process.kill("SIGKILL");
    };
    const late = setTimeout(kill, startWithinMs).unref();
    let unfollow = (): void => {};
    ready.then(
      () => {
        clearTimeout(late);
        unfollow = followPulse({
          withinMs: options.silenceMs,
          ask: () => link.ask("pulse", null),
          onSilent: kill,
        });
      },
      () => {},
    );
    void gone.then(() => {
      clearTimeout(late);
      unfollow();
    });
  }

  async function leave(member: Hired): Promise<void> {
    const { number, wanted, startedAtMs } = member;
    const isLoss = wanted && !stopping;
    if (isLoss) {
      log.error("a worker has died, and is replaced", { worker: number });
      void replace(startedAtMs);
    }
    await options.onGone(member);
    hired.delete(number);
  }

  async function replace(startedAtMs: number): Promise<void> {
    failures = Date.now() - startedAtMs > soundMs ? 0 : failures + 1;
    if (failures > 1) await sleep(Math.min(firstPauseMs * 2 ** (failures - 2), longestPauseMs), null, { ref: false });
    if (stopping) return;
    const member = hire();
    member.wanted = true;
    // One that does not come so far is a loss itself, and is replaced.
    await member.ready.then(() => options.onReady(member), onError);
  }

  /** So many more, or none. */
  async function hireAll(size: number): Promise<readonly string[]> {
    const all = Array.from({ length: size }, hire);
    try {
      const urls = await Promise.all(all.map(({ ready }) => ready));
      for (const member of all) {
        member.wanted = true;
        options.onReady(member);
      }
      return urls;
    } catch (error) {
      for (const member of all) member.process.kill("SIGKILL");
      await Promise.all(all.map(({ gone }) => gone));
      throw error;
    }
  }

  return {
    begin: async (size) => (await hireAll(size))[0] ?? "",
    async reload() {
      const old = [...hired.values()].filter(({ wanted }) => wanted);
      await hireAll(old.length);
      for (const member of old) {
        member.wanted = false;
        member.link.tell("retire", null);
      }
    },
    members: () => [...hired.values()],
    async flush() {
      // One that does not serve yet has recorded nothing.
      const asked = [...hired.values()].map(({ serves, link, gone }) =>
        serves ? link.ask("flush", null).catch(() => gone) : null,
      );
      await Promise.all(asked);
    },
    async stop(withinMs) {
      stopping = true;
      const all = [...hired.values()];
      for (const { link } of all) link.tell("stop", null);
      const late = setTimeout(() => {
        for (const { process } of all) process.kill("SIGKILL");
      }, withinMs);
      await Promise.all(all.map(({ gone }) => gone));
      clearTimeout(late);
    },
  };
}

function leastFree(taken: ReadonlyMap<number, unknown>): number {
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}
