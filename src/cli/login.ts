// `turnpike login`, `logout`, `whoami`, `token`: an administrator's session on this machine, with a gateway that may be elsewhere.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, type Io, printJson } from "./io.ts";
import { forgetLogin, keepLogin, latestLogin, readLogin } from "./login-file.ts";

interface At {
  readonly url?: string;
}

export interface LoginOptions extends At {
  readonly provider?: string;
  readonly browser?: true;
  readonly open: boolean;
  readonly key?: true;
  readonly code?: string;
  readonly recoveryCode?: string;
}

interface Opened {
  readonly token: string;
  readonly expires_at: string;
}

/** How long a browser is waited for. */
const browserMs = 10 * 60_000;

export async function loginCommand(io: Io, options: LoginOptions): Promise<void> {
  const url = urlOf(io, options);
  const { token, expires_at } = await open(io, url, options);
  keepLogin(io.env, url, { token, expires_at });
  const me = await ask<{ name: string; role: string }>(url, "GET", "/me", { token });
  io.out(`Signed in to ${url} as ${me.name} (${me.role}), until ${expires_at}.\n`);
}

export async function logoutCommand(io: Io, options: At): Promise<void> {
  const url = usedUrl(io, options);
  const { token } = signedIn(io, url);
  forgetLogin(io.env, url);
  await ask(url, "DELETE", "/session", { token });
  io.out(`Signed out of ${url}.\n`);
}

export async function whoamiCommand(io: Io, { json, ...options }: At & { readonly json?: true }): Promise<void> {
  const url = usedUrl(io, options);
  const me = await ask<Record<string, unknown>>(url, "GET", "/me", { token: signedIn(io, url).token });
  if (json) return printJson(io, me);
  io.out(`${me.name} (${me.id}), ${me.role}: ${(me.permissions as string[]).join(", ")}\n`);
}

export function tokenCommand(io: Io, options: At): void {
  io.out(`${signedIn(io, usedUrl(io, options)).token}\n`);
}

async function open(io: Io, url: string, options: LoginOptions): Promise<Opened> {
  if (options.key) return withKey(io, url, options);
  const provider = await providerOf(url, options.provider);
  const device = options.browser ? null : await beginDevice(url, provider);
  return device === null ? byBrowser(io, url, provider, options) : byDevice(io, url, provider, device);
}

function withKey({ env }: Io, url: string, { code, recoveryCode: recovery_code }: LoginOptions): Promise<Opened> {
  const token = env.TURNPIKE_ADMIN_KEY;
  if (token === undefined || token === "") throw new CommandError("Put your key into TURNPIKE_ADMIN_KEY.");
  return ask(url, "POST", "/session/login", { token, body: { as: "token", code, recovery_code } });
}

async function providerOf(url: string, wanted: string | undefined): Promise<string> {
  const { data } = await ask<{ data: { name: string }[] }>(url, "GET", "/session/providers", {});
  const names = data.map(({ name }) => name);
  const [only, ...others] = wanted === undefined ? names : names.filter((name) => name === wanted);
  if (only === undefined) {
    const known =
      names.length === 0
        ? "this gateway has no identity provider; sign in with --key"
        : `there are ${names.join(", ")}`;
    throw new CommandError(`No identity provider to sign in at: ${known}.`);
  }
  if (others.length > 0)
    throw new CommandError(`Say at which identity provider, with --provider: ${names.join(", ")}.`);
  return only;
}

interface Device {
  readonly device_id: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string | null;
  readonly interval: number;
  readonly expires_in: number;
}

/** Null where the provider has no device login. */
async function beginDevice(url: string, provider: string): Promise<Device | null> {
  try {
    return await ask<Device>(url, "POST", `/session/device/${provider}`, { body: {} });
  } catch (error) {
    if (error instanceof Refused && error.code === "not_found") return null;
    throw error;
  }
}

async function byDevice(io: Io, url: string, provider: string, device: Device): Promise<Opened> {
  const { verification_uri_complete: complete, verification_uri, user_code } = device;
  io.err(`Open ${complete ?? verification_uri} on any device and confirm the code ${user_code}.\n`);
  let seconds = device.interval;
  for (let waited = 0; waited < device.expires_in; waited += seconds) {
    await sleep(seconds * 1_000);
    const body = { device_id: device.device_id };
    const answer = await ask<Opened & { status?: string }>(url, "POST", `/session/device/${provider}/token`, { body });
    if (answer.status === undefined) return answer;
    // RFC 8628, section 3.5.
    if (answer.status === "slow_down") seconds += 5;
  }
  throw new CommandError("Nobody confirmed the code in time. Begin again.");
}

async function byBrowser(io: Io, url: string, provider: string, { open: opens }: LoginOptions): Promise<Opened> {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const listener = await listen();
  try {
    const address = `${url}/admin/v1/session/login/${provider}?cli_port=${listener.port}&cli_challenge=${challenge}`;
    io.err(`Sign in at ${address}\n`);
    if (opens) openBrowser(address);
    const code = await Promise.race([listener.code, sleep(browserMs, null, { ref: false })]);
    if (code === null) throw new CommandError("Nobody came back from the browser. Begin again.");
    return await ask(url, "POST", "/session/token", { body: { code, verifier } });
  } finally {
    listener.close();
  }
}

/** Waits on this machine alone for the browser to come back with a code. */
async function listen(): Promise<{ readonly port: number; readonly code: Promise<string>; close(): void }> {
  let found: (code: string) => void = () => {};
  const code = new Promise<string>((resolve) => {
    found = resolve;
  });
  const server = createServer((request, response) => {
    const given = new URL(request.url ?? "/", "http://127.0.0.1").searchParams.get("code");
    response.setHeader("content-type", "text/plain; charset=utf-8").setHeader("connection", "close");
    response.end(given === null ? "Nothing is here.\n" : "You are signed in. You can close this window.\n");
    if (given !== null) found(given);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, code, close: () => void server.close() };
}

function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler"]
        : ["xdg-open"];
  // Where there is none, the address stands above.
  spawn(command ?? "", [...args, address], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}

/** The gateway's refusal, in its own words. */
class Refused extends CommandError {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

interface Asked {
  readonly token?: string;
  readonly body?: unknown;
}

async function ask<T>(url: string, method: string, path: string, { token, body }: Asked): Promise<T> {
  const answer = await fetch(`${url}/admin/v1${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new CommandError(
      `No gateway answers at ${url} (${(error as { cause?: { code?: string } }).cause?.code ?? "unreachable"}).`,
    );
  });
  const said = (await answer.json().catch(() => null)) as (T & { error?: { message: string; code: string } }) | null;
  if (answer.ok && said !== null) return said;
  throw new Refused(
    said?.error?.message ?? `The gateway at ${url} answered ${answer.status}.`,
    said?.error?.code ?? "",
  );
}

function urlOf({ env }: Io, { url = env.TURNPIKE_URL ?? "http://127.0.0.1:8787" }: At): string {
  if (!/^https?:\/\/[^/?#]+/.test(url)) throw new CommandError("--url: expected an http:// or https:// URL.");
  return url.replace(/\/+$/, "");
}

/** Where nobody says which gateway is meant: the one that was signed in to last. */
function usedUrl(io: Io, { url }: At): string {
  const meant = url ?? io.env.TURNPIKE_URL ?? latestLogin(io.env);
  return urlOf(io, meant === null ? {} : { url: meant });
}

function signedIn({ env }: Io, url: string): Opened {
  const login = readLogin(env, url);
  if (login === null) throw new CommandError(`You are not signed in to ${url}: turnpike login --url ${url}.`);
  return login;
}
