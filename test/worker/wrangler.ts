// Runs the real wrangler, offline and in a folder of its own: its migrations, and its local Workers runtime.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const cli = join(root, "node_modules/wrangler/bin/wrangler.js");

/** The configuration that is deployed. */
export const wranglerConfig = join(root, "wrangler.toml");

/** For the hooks that run wrangler several times: on a busy machine each takes many seconds. */
export const startTimeoutMs = 120_000;

/** How long a wrangler that was asked to stop may take before it is killed. */
const stopTimeoutMs = 5_000;

/** A folder for what wrangler keeps: databases, caches, logs. */
export interface State {
  readonly folder: string;
  remove(): void;
}

export function makeState(): State {
  const folder = mkdtempSync(join(tmpdir(), "turnpike-worker-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The environment in which wrangler calls nobody, asks nothing and leaves nothing behind. */
export function quietly(state: State): Readonly<Record<string, string>> {
  return {
    HOME: state.folder,
    XDG_CONFIG_HOME: state.folder,
    CI: "1",
    NO_COLOR: "1",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
  };
}

/** Applies the migrations to the local database, as `wrangler d1 migrations apply` does to the deployed one. */
export async function applyMigrations(state: State): Promise<void> {
  await runToEnd(["d1", "migrations", "apply", "DB", "--local", "--persist-to", state.folder], state);
}

/** Runs one statement in the local database. Not while a Worker runs over it. */
export async function execute(sql: string, state: State): Promise<void> {
  await runToEnd(["d1", "execute", "DB", "--local", "--persist-to", state.folder, "--command", sql], state);
}

/** What `wrangler deploy` would upload. */
export interface Bundle {
  readonly main: string;
  readonly compressedBytes: number;
}

/** Builds the Worker as it is deployed. Later changes to the sources do not reach it. */
export async function buildWorker(state: State): Promise<Bundle> {
  const folder = join(state.folder, "bundle");
  const output = await runToEnd(["deploy", "--dry-run", "--outdir", folder], state);
  const kilobytes = Number(/gzip: ([\d.]+) KiB/.exec(output)?.[1]);
  return { main: join(folder, "worker.js"), compressedBytes: kilobytes * 1024 };
}

/** A Worker that runs. */
export interface RunningWorker {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `wrangler dev` over a built Worker with these variables; resolves once it answers. */
export async function startWorker(
  bundle: Bundle,
  vars: Readonly<Record<string, string>>,
  state: State,
): Promise<RunningWorker> {
  const settings = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const where = ["--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", "--persist-to", state.folder];
  const args = ["dev", bundle.main, "--no-bundle", "--local", ...where, ...settings];
  const child = wrangler(args, state);
  const output = collect(child);
  try {
    const url = await readUntil(child, /Ready on (http:\/\/[\w.:]+)/, output);
    return { url, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function runToEnd(args: readonly string[], state: State): Promise<string> {
  const child = wrangler(args, state);
  const output = collect(child);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`wrangler ${args.slice(0, 3).join(" ")} ended with ${code}:\n${output()}`);
  return output();
}

function wrangler(args: readonly string[], state: State): ChildProcess {
  return spawn(process.execPath, [cli, ...args, "--config", wranglerConfig], {
    cwd: root,
    env: { PATH: process.env.PATH, ...quietly(state) },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group, so that its children stop with it.
    detached: true,
  });
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  return () => text;
}

function readUntil(child: ChildProcess, pattern: RegExp, output: () => string): Promise<string> {
  return new Promise((found, reject) => {
    const look = (): void => {
      const match = pattern.exec(output())?.[1];
      if (match !== undefined) found(match);
      else if (output().includes("[ERROR]")) reject(new Error(`wrangler dev could not start:\n${output()}`));
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", look);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`wrangler dev ended with ${code}:\n${output()}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const group = -child.pid;
  const ended = once(child, "exit");
  const killer = setTimeout(() => process.kill(group, "SIGKILL"), stopTimeoutMs);
  process.kill(group, "SIGTERM");
  await ended;
  clearTimeout(killer);
}
