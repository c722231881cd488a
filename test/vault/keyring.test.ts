// The keyring: made once, wrapped by the master key, and the root of what must outlive it.
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { systemClock as clock } from "../../src/clock.ts";
import { createDigest } from "../../src/keys/digest.ts";
import { checkMasterKey } from "../../src/keys/master-key-check.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import type { GivenMasters } from "../../src/vault/keyring.ts";
import { masterKeyWrapper } from "../../src/vault/wrapper.ts";
import { openVault } from "../../src/vaulting.ts";
import { sampleCredential } from "../support/credentials.ts";

const [first, second] = [randomBytes(32), randomBytes(32)];

let store: Store;
beforeEach(async () => {
  store = await openSqlite(":memory:");
});

function given(current: Uint8Array, previous: readonly Uint8Array[] = []): GivenMasters {
  return {
    current: masterKeyWrapper(current, "the master key"),
    previous: previous.map((key) => masterKeyWrapper(key, "the previous master key")),
    masterKeys: [current, ...previous],
  };
}

describe("a keyring", () => {
  test("is made once: processes that open a new database at once get the same keys", async () => {
    const vaults = await Promise.all([1, 2, 3, 4].map(() => openVault(given(first), { store, clock })));
    const [one] = vaults;
    for (const { masterKey, keyring } of vaults) {
      expect(masterKey).toEqual(one?.masterKey);
      const sealed = keyring.seal(Buffer.from("value"), "a thing");
      expect(Buffer.from(one?.keyring.open(sealed, "a thing") ?? []).toString()).toBe("value");
    }
    expect((await store.keyring.list()).map(({ id }) => id)).toEqual(["kek_1", "root"]);
  });

  test("of a new database has a root that is not the master key, and lies nowhere unwrapped", async () => {
    const { masterKey } = await openVault(given(first), { store, clock });
    expect(Buffer.compare(masterKey, first)).not.toBe(0);
    for (const { wrapped } of await store.keyring.list()) {
      expect(Buffer.from(wrapped).includes(Buffer.from(masterKey))).toBe(false);
    }
  });

  test("of a database from before keeps every digest that was made under its master key", async () => {
    const before = createDigest(first);
    await checkMasterKey(store.meta, before);
    const { digest } = await openVault(given(first), { store, clock });
    expect(digest("a customer's key")).toBe(before("a customer's key"));
  });

  test("is not made under a master key that the database was not made with", async () => {
    await checkMasterKey(store.meta, createDigest(first));
    await expect(openVault(given(second), { store, clock })).rejects.toThrow("not the one that this database was made");
    expect(await store.keyring.list()).toEqual([]);
  });

  test("does not open under another master key, and says how to change over", async () => {
    await openVault(given(first), { store, clock });
    await expect(openVault(given(second), { store, clock })).rejects.toThrow(
      /TURNPIKE_MASTER_KEY_PREVIOUS.*vault rekey/,
    );
  });

  test("opens under a new master key while the former one is given, too", async () => {
    const { masterKey } = await openVault(given(first), { store, clock });
    expect((await openVault(given(second, [first]), { store, clock })).masterKey).toEqual(masterKey);
  });

  test("opens a sealed value for its own record and version alone, and not once a bit of it was changed", async () => {
    const { keyring } = await openVault(given(first), { store, clock });
    const envelope = keyring.seal(Buffer.from("sk-value"), "credential a version 1");
    expect(() => keyring.open(envelope, "credential a version 2")).toThrow();
    for (const member of ["sealed", "wrappedKey"] as const) {
      const changed = Buffer.from(envelope[member]);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      expect(() => keyring.open({ ...envelope, [member]: changed }, "credential a version 1")).toThrow();
    }
    expect(Buffer.from(keyring.open(envelope, "credential a version 1")).toString()).toBe("sk-value");
  });

  test("can't lose a key that a stored version needs", async () => {
    const { keyring } = await openVault(given(first), { store, clock });
    const { id } = await addCredential(store, keyring);
    await store.keyring.removeUnused("kek_1");
    expect((await store.keyring.list()).map((key) => key.id)).toContain("kek_1");
    await store.credentials.remove(id);
    await store.keyring.removeUnused("kek_1");
    expect((await store.keyring.list()).map((key) => key.id)).toEqual(["root"]);
  });
});

async function addCredential(
  { credentials }: Store,
  keyring: Awaited<ReturnType<typeof openVault>>["keyring"],
): Promise<{ id: string }> {
  const { credential, version } = sampleCredential("cred_1");
  const envelope = keyring.seal(Buffer.from("sk-value"), "credential cred_1 version 1");
  await credentials.create(credential, { ...version, envelope });
  return credential;
}
