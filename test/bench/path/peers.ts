// Who is measured: Turnpike with everything on, the yardsticks, and other gateways where they are installed. An adapter is a command,
// a port and the headers that its callers send.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { requestTo, type Server, startScript } from "./servers.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Surroundings {
  /** Of the upstream, `http://127.0.0.1:…`. */
  readonly upstream: string;
  /** For what a server keeps. */
  readonly folder: string;
}

/** Starts a server before an upstream; null where it is not installed. */
export type Adapter = (around: Surroundings) => Promise<Server | null>;

export const bareBytes: Adapter = async ({ upstream }) => ({
  ...(await startScript("bare-proxy", { UPSTREAM: upstream, MODE: "bytes" })),
  name: "bare node (bytes)",
});

export const bareParse: Adapter = async ({ upstream }) => ({
  ...(await startScript("bare-proxy", { UPSTREAM: upstream, MODE: "parse" })),
  name: "bare node (parse)",
});

/** A reverse proxy with one worker: the floor. */
export const nginx: Adapter = async ({ upstream, folder }) => {
  const command = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].find(existsSync);
  if (command === undefined) return null;
  const port = await freePort();
  const home = mkdtempSync(join(folder, "nginx-"));
  const config = join(home, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; pid ${home}/pid; error_log stderr error; worker_processes 1;
events { worker_connections 11000; }
http {
  access_log off; keepalive_requests 1000000000; client_max_body_size 100m; client_body_buffer_size 4m;
  client_body_temp_path ${home}/body; proxy_temp_path ${home}/proxy; fastcgi_temp_path ${home}/f; uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
  upstream up { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 1h; }
  }
}`,
  );
  const child = spawn(command, ["-c", config, "-p", home], { stdio: ["ignore", "ignore", "inherit"] });
  return reachable({ name: "nginx", url: `http://127.0.0.1:${port}`, headers: {}, process: child });
};

/**
 * Turnpike with everything on: a key with limits and a budget, three deployments to choose from, the ledger in a file.
 * @param env more settings.
 */
export function turnpike(env: Readonly<Record<string, string>> = {}): Adapter {
  return async ({ upstream, folder }) => {
    const home = mkdtempSync(join(folder, "turnpike-"));
    const child = startTurnpike(upstream, home, env);
    const { url, admin } = await announced(child);
    const created = await fetch(`${url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
      body: JSON.stringify({
        name: "bench",
        customer: "bench",
        project: "bench",
        policy: {
          models: ["openai/*", "anthropic/*", "google/*"],
          ip_allow: ["127.0.0.0/8"],
          limits: [
            { requests: 1_000_000_000, per: "minute" },
            { tokens: 1_000_000_000_000, per: "minute" },
          ],
          max_concurrency: 20_000,
          budget: { usd: "100000000", per: "month" },
        },
      }),
    });
    const { key } = (await created.json()) as { readonly key: string };
    return { name: "turnpike", url, headers: { authorization: `Bearer ${key}` }, process: child };
  };
}

/** The process, on a database in `home` that may be there already. */
export function startTurnpike(
  upstream: string,
  home: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [join(root, "bin", "turnpike.js"), "start"], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      TURNPIKE_LOG_LEVEL: "error",
      TURNPIKE_DATABASE_URL: `file:${join(home, "turnpike.db")}`,
      OPENAI_API_KEY: "sk-bench-00000000",
      OPENAI_API_KEY_2: "sk-bench-00000002",
      OPENAI_API_KEY_3: "sk-bench-00000003",
      OPENAI_BASE_URL: `${upstream}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-bench-00000000",
      ANTHROPIC_BASE_URL: upstream,
      GEMINI_API_KEY: "bench-00000000",
      GOOGLE_BASE_URL: `${upstream}/v1beta`,
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Where it listens, and the first administrator's key, which is null on every later start. */
export async function announced(child: ChildProcess): Promise<{ readonly url: string; readonly admin: string | null }> {
  let admin: string | null = null;
  if (child.stdout === null) throw new Error("its output is not read");
  for await (const line of createInterface({ input: child.stdout })) {
    admin ??= /tp_admin_\w+/.exec(line)?.[0] ?? null;
    const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (url !== undefined) {
      child.stdout.resume();
      return { url, admin };
    }
  }
  throw new Error("Turnpike did not start");
}

/** Portkey's gateway, from `npm install --no-save --prefix test/bench/peers @portkey-ai/gateway`. */
export const portkey: Adapter = async ({ upstream }) => {
  const script = join(root, "test/bench/peers/node_modules/@portkey-ai/gateway/build/start-server.js");
  if (!existsSync(script)) return null;
  const port = await freePort();
  const child = spawn(process.execPath, [script, `--port=${port}`, "--headless"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return reachable({
    name: "portkey",
    url: `http://127.0.0.1:${port}`,
    model: "gpt-4o",
    headers: {
      authorization: "Bearer sk-bench-00000000",
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `${upstream}/v1`,
    },
    process: child,
  });
};

/** LiteLLM's proxy, where `litellm` is on the path. */
export const litellm: Adapter = async ({ upstream, folder }) => {
  if (!isOnPath("litellm")) return null;
  const port = await freePort();
  const config = join(mkdtempSync(join(folder, "litellm-")), "config.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      model_list: [
        {
          model_name: "gpt-4o",
          litellm_params: { model: "openai/gpt-4o", api_base: `${upstream}/v1`, api_key: "sk-bench-00000000" },
        },
      ],
    }),
  );
  const child = spawn("litellm", ["--config", config, "--host", "127.0.0.1", "--port", `${port}`], {
    env: { ...process.env, LITELLM_MASTER_KEY: "sk-bench-0000-litellm" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  return reachable({
    name: "litellm",
    url: `http://127.0.0.1:${port}`,
    model: "gpt-4o",
    headers: { authorization: "Bearer sk-bench-0000-litellm" },
    process: child,
  });
};

/**
 * Any other gateway: `BENCH_OTHER='{"name": "…", "command": ["…", "{port}", "{upstream}"], "headers": {…}, "model": "…"}'`.
 * In the command, the environment and the headers `{port}` and `{upstream}` are filled in.
 */
export const other: Adapter = async ({ upstream }) => {
  const text = process.env.BENCH_OTHER;
  if (text === undefined) return null;
  const port = await freePort();
  const { name, command, env, headers, model } = JSON.parse(
    text.replaceAll("{port}", `${port}`).replaceAll("{upstream}", upstream),
  ) as {
    readonly name: string;
    readonly command: readonly [string, ...string[]];
    readonly env?: Record<string, string>;
    readonly headers?: Record<string, string>;
    readonly model?: string;
  };
  const [file, ...args] = command;
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  return reachable({ name, url, headers: headers ?? {}, process: child, ...(model !== undefined && { model }) });
};

/** Resolves when the server answers a call well, or to null, with a word, when it does not within two minutes. */
async function reachable(server: Server): Promise<Server | null> {
  const { path, ...request } = requestTo(server, { stream: false });
  for (let tries = 0; tries < 440 && server.process.exitCode === null; tries++) {
    const status = await fetch(server.url + path, request).then(
      async (answer) => {
        await answer.text();
        return answer.status;
      },
      () => 0,
    );
    if (status === 200) return server;
    await sleep(tries < 200 ? 20 : 500);
  }
  console.log(`${server.name} does not answer calls here and is left out`);
  server.process.kill();
  return null;
}

function isOnPath(command: string): boolean {
  return spawnSync("which", [command]).status === 0;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
