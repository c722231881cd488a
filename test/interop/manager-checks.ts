// What checks of genuine secrets managers share: their programs, and references that are read from them.
import assert from "node:assert/strict";
import { type ChildProcess, execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { kmsOf } from "../../src/vault/kms/index.ts";
import { referencesOfMachine } from "../../src/vault/references/machine.node.ts";
import { openReferences } from "../../src/vault/references/open.ts";
import { kmsWrapper } from "../../src/vault/wrapper.ts";

const execute = promisify(execFile);
const python = process.env.TURNPIKE_INTEROP_PYTHON ?? "python3";
const waitMs = 30_000;
let failures = 0;

export type Env = Readonly<Record<string, string>>;

export async function check(statement: string, prove: () => Promise<void>): Promise<void> {
  try {
    await prove();
    console.log(`ok ${statement}`);
  } catch (error) {
    failures += 1;
    console.log(`not ok ${statement}\n${(error as Error).stack}`);
  }
}

/** The program that a package brings; null, with the reason told, where it can't be had. */
export async function program(name: string, packages: string): Promise<string | null> {
  try {
    await execute(python, ["-m", "pip", "install", "-q", "--disable-pip-version-check", packages], {
      timeout: 400_000,
    });
    return join(dirname(python), name);
  } catch (error) {
    console.log(`skipped references to ${packages}: it can't be installed (${(error as Error).message.slice(0, 200)})`);
    return null;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Resolves when it answers; rejects when it does not in time. */
export async function up(url: string): Promise<void> {
  for (const endMs = Date.now() + waitMs; Date.now() < endMs; await sleep(100)) {
    if (
      await fetch(url)
        .then(({ status }) => status < 500)
        .catch(() => false)
    )
      return;
  }
  throw new Error(`${url} does not answer`);
}

export async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await ended;
}

/** The value of one reference now, and the source that it comes from. */
export async function read(env: Env, reference: string) {
  const references = openReferences(referencesOfMachine(env, { maxAgeMs: null }));
  const source = references.sourceOf(reference);
  if (source === null) throw new Error(`${reference} is no reference`);
  const silent = () => undefined;
  await references.begin({
    log: { debug: silent, info: silent, warn: silent, error: silent },
    alerts: { raise: silent, resolve: silent },
    strict: false,
  });
  const state = () => source.describe()[0];
  const value = (): string => {
    try {
      return source.current().reveal();
    } catch {
      return `none: ${state()?.lastError?.message}`;
    }
  };
  return { source, value, state, close: references.close };
}

export async function valueAt(env: Env, reference: string): Promise<string> {
  const one = await read(env, reference);
  one.close();
  return one.value();
}

/** Whether a KMS unwraps what it has wrapped, and as nothing else. @param setting as TURNPIKE_KMS names it. */
export async function wrapsBy(setting: string, env: Env): Promise<void> {
  const host = { ...referencesOfMachine(env, { maxAgeMs: null }), onLeasesEnd: () => undefined };
  const wrapper = kmsWrapper(await kmsOf(setting, "TURNPIKE_KMS", host));
  const key = randomBytes(32);
  const wrapped = await wrapper.wrap(key, "turnpike keyring root");
  assert.deepEqual(Buffer.from(await wrapper.unwrap(wrapped, "turnpike keyring root")), key);
  await assert.rejects(wrapper.unwrap(wrapped, "turnpike keyring kek_1"), /TURNPIKE_KMS/);
}

/** How many checks have failed. */
export function failed(): number {
  return failures;
}
