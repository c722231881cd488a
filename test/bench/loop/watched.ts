// Processes whose event loop is watched: a gateway from the sources, and the bare proxy that parses.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { generateAdminKey } from "../../../src/keys/format.ts";
import type { Memory, Stall } from "./probe.ts";

export interface Watched {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly child: ChildProcess;
}

export interface WatchedGateway extends Watched {
  readonly adminHeaders: Readonly<Record<string, string>>;
}

const at = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** A gateway with a key of its own, whose providers are all at `upstream`. */
export async function gateway(
  upstream: string,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<WatchedGateway> {
  const adminKey = generateAdminKey();
  const child = watched(at("../../support/gateway-child.ts"), {
    PORT: "0",
    TURNPIKE_LOG_LEVEL: "error",
    TURNPIKE_DATABASE_URL: `file:${folder}/turnpike.db`,
    TURNPIKE_ADMIN_KEY: adminKey,
    OPENAI_API_KEY: "sk-bench-00000000",
    OPENAI_BASE_URL: `${upstream}/v1`,
    ANTHROPIC_API_KEY: "sk-ant-bench-00000000",
    ANTHROPIC_BASE_URL: upstream,
    GEMINI_API_KEY: "bench-00000000",
    GOOGLE_BASE_URL: `${upstream}/v1beta`,
    AWS_BEARER_TOKEN_BEDROCK: "bench-00000000",
    AMAZON_BEDROCK_BASE_URL: upstream,
    ...env,
  });
  const { url } = JSON.parse(await lineOf(child, "{")) as { readonly url: string; readonly adminKey: string };
  const adminHeaders = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
  const answer = await fetch(`${url}/admin/v1/keys`, {
    method: "POST",
    headers: adminHeaders,
    body: JSON.stringify({ name: "bench", customer: "bench", project: "bench" }),
  });
  const { key } = (await answer.json()) as { readonly key: string };
  return { url, headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, adminHeaders, child };
}

/** The yardstick: reads request and answer, and writes both anew. */
export async function bareProxy(upstream: string): Promise<Watched> {
  const child = watched(at("../path/bare-proxy.ts"), { UPSTREAM: upstream, MODE: "parse" });
  return { url: await lineOf(child, "http"), headers: { "content-type": "application/json" }, child };
}

/** The longest stall of its event loop since it was asked last. */
export async function stallOf({ child }: Watched): Promise<Stall> {
  const answered = once(child, "message");
  child.send("stall");
  const [stall] = await answered;
  return stall as Stall;
}

/** What it holds after a full collection. */
export async function memoryOf({ child }: Watched): Promise<Memory> {
  const answered = once(child, "message");
  child.send("memory");
  const [memory] = await answered;
  return memory as Memory;
}

export async function stopped({ child }: Watched): Promise<void> {
  const exited = once(child, "exit");
  child.kill();
  await exited;
}

function watched(script: string, env: Readonly<Record<string, string>>): ChildProcess {
  const profiling = (process.env.BENCH_NODE_OPTIONS ?? "").split(" ").filter((option) => option !== "");
  return spawn(process.execPath, ["--expose-gc", ...profiling, "--import", at("probe.ts"), script], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}

async function lineOf(child: ChildProcess, beginning: string): Promise<string> {
  if (child.stdout === null) throw new Error("its output is not read");
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith(beginning)) continue;
    child.stdout.resume();
    return line;
  }
  throw new Error("a watched process did not start");
}
