// `turnpike start`: runs the gateway until it is told to stop.
import { providers } from "../../providers/index.ts";
import { formatFirstStart } from "../bootstrap.ts";
import { readConfig, unknownSettings } from "../config.ts";
import { readRegistry } from "../config-file.node.ts";
import { type Running, start } from "../node.ts";
import { nodeLog } from "../observe/log.node.ts";
import { describeError } from "../observe/log.ts";
import { guardProcess, switchLevelBySignal } from "../observe/log-process.node.ts";
import { connectionsOfMachine } from "../vault/credentials.node.ts";
import type { Io } from "./io.ts";

/** Resolves when the gateway has stopped. A second signal does not wait for running calls. */
export async function startCommand(io: Io): Promise<void> {
  guardProcess(nodeLog(readConfig(io.env)));
  const running = await start(io.env);
  const unknown = unknownSettings(io.env);
  if (unknown.length > 0) running.log.warn("settings that are not known are read by nobody", { settings: unknown });
  switchLevelBySignal(running.log);
  const stopped = new Promise<void>((resolve, reject) => {
    let stopping = false;
    const stop = () => {
      if (stopping) process.exit(1);
      stopping = true;
      running.close().then(resolve, reject);
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
    const { reload } = running;
    if (reload !== undefined) process.on("SIGHUP", () => void reload().catch((error) => report(running, error)));
  });
  if (running.first === null) io.out(`Turnpike listens at ${running.url}\n`);
  else io.out(formatFirstStart(running.first, running.url, { sandbox: hasSandbox(io) }));
  await stopped;
}

function report({ log }: Running, error: unknown): void {
  log.error("the new workers could not take over; the old ones go on", describeError(error));
}

function hasSandbox(io: Io): boolean {
  const config = readConfig(io.env);
  const { registry, env } = readRegistry(config.configFile, { registry: providers, env: io.env });
  const connections = connectionsOfMachine(registry, env, config);
  return [...connections.values()].some(({ provider }) => provider.local !== null);
}
