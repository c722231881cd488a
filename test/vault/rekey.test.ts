// Rekeying: a new master key takes over while calls go on, and a kill at any point costs nothing.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock as clock } from "../../src/clock.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { aboutVersion } from "../../src/vault/envelope.ts";
import type { GivenMasters, Keyring } from "../../src/vault/keyring.ts";
import { rekey, vaultStatus } from "../../src/vault/rekey.ts";
import { masterKeyWrapper } from "../../src/vault/wrapper.ts";
import { openVault } from "../../src/vaulting.ts";
import { sampleCredential } from "../support/credentials.ts";

const [before, after] = [randomBytes(32), randomBytes(32)];
const ids = Array.from({ length: 7 }, (_, index) => `cred_${index}`);
const child = fileURLToPath(new URL("../support/rekey-child.ts", import.meta.url));

let folder: string;
let path: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-rekey-"));
  path = join(folder, "turnpike.db");
  store = await openSqlite(path);
  const { keyring } = await openVault(given(before), { store, clock });
  for (const id of ids) await add(id, keyring);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function given(current: Uint8Array, ...previous: Uint8Array[]): GivenMasters {
  return {
    current: masterKeyWrapper(current, "the master key"),
    previous: previous.map((key) => masterKeyWrapper(key, "the previous master key")),
    masterKeys: [current, ...previous],
  };
}

async function add(id: string, keyring: Keyring): Promise<void> {
  const { credential, version } = sampleCredential(id);
  const envelope = keyring.seal(Buffer.from(`value of ${id}`), aboutVersion(id, 1));
  await store.credentials.create(credential, { ...version, envelope });
}

async function values(keyring: Keyring): Promise<readonly string[]> {
  const read: string[] = [];
  for (const { credentialId, version, envelope } of await store.credentials.versions()) {
    if (envelope === null) throw new Error(`${credentialId} has no value`);
    read.push(Buffer.from(keyring.open(envelope, aboutVersion(credentialId, version))).toString());
  }
  return read;
}

const everyValue = ids.map((id) => `value of ${id}`);
const rekeyed = (masters = given(after, before)) => rekey({ store: store.keyring, masters, now: () => clock.now() });

describe("rekeying", () => {
  test("moves every key to the new master key, after which the former one opens nothing", async () => {
    const { masterKey } = await openVault(given(before), { store, clock });
    expect(await rekeyed()).toEqual({ keys: 2, dataKeys: ids.length });
    const vault = await openVault(given(after), { store, clock });
    expect(vault.masterKey).toEqual(masterKey);
    expect(await values(vault.keyring)).toEqual(everyValue);
    await expect(openVault(given(before), { store, clock })).rejects.toThrow("not the one");
    const { current } = given(after);
    expect(await vaultStatus(store.keyring, given(after, before))).toMatchObject({
      ...{ rekeyDue: false, restartDue: false, master: current.id },
    });
    expect(
      await vaultStatus(store.keyring, given(before)),
      "in a process that still runs with the former one, nothing is left to rekey",
    ).toMatchObject({ rekeyDue: false, restartDue: true });
  });

  test("touches no content: only the wrapping of data keys is another", async () => {
    const sealed = async () => (await store.credentials.versions()).map(({ envelope }) => envelope?.sealed);
    const contents = await sealed();
    await rekeyed();
    expect(await sealed()).toEqual(contents);
  });

  test("has nothing to do a second time, and makes new keys under the same master key when asked to", async () => {
    await rekeyed();
    expect(await rekeyed()).toEqual({ keys: 0, dataKeys: 0 });
    const renewed = await rekey({ store: store.keyring, masters: given(after), now: () => clock.now(), renew: true });
    expect(renewed).toEqual({ keys: 1, dataKeys: ids.length });
    expect(await values((await openVault(given(after), { store, clock })).keyring)).toEqual(everyValue);
  });

  test("is refused without the former master key, and changes nothing then", async () => {
    await expect(rekeyed(given(after))).rejects.toThrow("TURNPIKE_MASTER_KEY_PREVIOUS");
    expect(await values((await openVault(given(before), { store, clock })).keyring)).toEqual(everyValue);
  });

  test("goes on beside a gateway that was opened before: what it holds opens, and what it adds is kept", async () => {
    const running = await openVault(given(before, after), { store, clock });
    await rekeyed();
    // Its key-encryption key is gone, so that the database refuses what is sealed under it, until it looks again.
    await expect(add("cred_late", running.keyring)).rejects.toThrow();
    await running.keyring.refresh();
    await add("cred_late", running.keyring);
    const { keyring } = await openVault(given(after), { store, clock });
    expect(await values(keyring)).toEqual([...everyValue, "value of cred_late"]);
  });

  test.each([
    ["before anything was written", "wrap", 1],
    ["when the root has moved", "step", 1],
    ["before the new key-encryption key was written", "wrap", 2],
    ["when there are two key-encryption keys", "step", 2],
    ["between two batches of data keys", "step", 4],
  ])("goes on after a kill %s", async (_, where, count) => {
    expect(await run(where, count)).toBe("SIGKILL");
    // Meanwhile both are needed, and a gateway starts with them.
    const between = await openVault(given(after, before), { store, clock });
    expect(await values(between.keyring)).toEqual(everyValue);
    expect(await vaultStatus(store.keyring, given(after, before))).toMatchObject({ rekeyDue: true });
    await rekeyed();
    const vault = await openVault(given(after), { store, clock });
    expect(vault.masterKey).toEqual(between.masterKey);
    expect(await values(vault.keyring)).toEqual(everyValue);
    expect((await store.keyring.list()).map(({ id }) => id)).toEqual(["kek_2", "root"]);
  });
});

/** Runs the child, which dies there; resolves to the signal that ended it. */
async function run(where: string, count: number): Promise<unknown> {
  const keys = [before, after].map((key) => key.toString("base64"));
  const rekeying = spawn(process.execPath, [child, path, ...keys, where, String(count)], { stdio: "inherit" });
  const [, signal] = await once(rekeying, "exit");
  return signal;
}
