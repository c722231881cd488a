// Admission from memory: fast for the known, cheap for the unknown, and never later than half a second about a change.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createDigest } from "../../src/keys/digest.ts";
import { generateAdminKey, generateKey } from "../../src/keys/format.ts";
import { issueKey, type KeyRequest } from "../../src/keys/issue.ts";
import { revokeKey } from "../../src/keys/revoke.ts";
import { KeyRing } from "../../src/keys/ring.ts";
import type { KeyStore, Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { manualClock } from "../support/clock.ts";

const digest = createDigest(new Uint8Array(32).fill(1));
const request: KeyRequest = {
  name: "checkout",
  customer: "acme",
  project: "shop",
  environment: "live",
  expiresAtMs: null,
  metadata: {},
};

describe("a ring", () => {
  let store: Store;
  let clock: ReturnType<typeof manualClock>;
  let ring: KeyRing;
  let reads: number;

  /** The store's keys, counting the look-ups by digest. */
  const counting = (keys: KeyStore): KeyStore => ({
    ...keys,
    findByDigest: (value) => {
      reads++;
      return keys.findByDigest(value);
    },
  });
  const failOn = (error: unknown) => {
    throw error;
  };
  const issue = (over: Partial<KeyRequest> = {}) =>
    issueKey({ keys: store.keys, digest, clock }, { ...request, ...over });
  const makeRing = (capacity = 100) =>
    new KeyRing({ keys: counting(store.keys), digest, clock, onError: failOn, capacity });

  beforeEach(async () => {
    store = await openSqlite(":memory:");
    clock = manualClock();
    reads = 0;
    ring = makeRing();
  });
  afterEach(async () => {
    await ring.close();
    await store.close();
  });

  it("answers a key that it has seen at once, without a promise and without the database", async () => {
    const { key, secret } = await issue();
    expect(await ring.lookup(secret)).toMatchObject({ key });
    const again = ring.lookup(secret);
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toMatchObject({ key });
    expect(reads).toBe(1);
  });

  it("never asks the database about what can't be a key", async () => {
    const { secret } = await issue();
    const flipped = secret.slice(0, -1) + (secret.endsWith("0") ? "1" : "0");
    for (const text of ["", "sk-123", flipped, generateAdminKey(), "x".repeat(1_000_000), "tp_live_", `${secret} `]) {
      expect(await ring.lookup(text)).toBeNull();
    }
    expect(reads).toBe(0);
  });

  it("asks once about a well-formed key that does not exist", async () => {
    const stranger = generateKey("live");
    expect(await ring.lookup(stranger)).toBeNull();
    expect(ring.lookup(stranger)).toBeNull();
    expect(reads).toBe(1);
  });

  it("keeps its known keys, and bounded memory, under a flood of well-formed guesses", async () => {
    const { secret } = await issue();
    await ring.lookup(secret);
    for (let guess = 0; guess < 500; guess++) expect(await ring.lookup(generateKey("live"))).toBeNull();
    reads = 0;
    expect(ring.lookup(secret)).toMatchObject({ key: { name: "checkout" } });
    expect(reads).toBe(0);
  });

  it("forgets the oldest key when it is full, and reads it again", async () => {
    ring = makeRing(2);
    const secrets = [await issue(), await issue(), await issue()].map((issued) => issued.secret);
    for (const secret of secrets) await ring.lookup(secret);
    reads = 0;
    for (const secret of secrets.toReversed()) expect(await ring.lookup(secret)).not.toBeNull();
    expect(reads).toBe(1);
  });

  it("refuses a key from the moment that this process revoked it", async () => {
    const { key, secret } = await issue();
    await ring.lookup(secret);
    await revokeKey({ keys: store.keys, clock, onChange: (id) => ring.forget(id) }, key.id);
    expect(await ring.lookup(secret)).toBeNull();
    expect(ring.lookup(secret)).toBeNull();
  });

  it("answers malformed, unknown and revoked keys alike", async () => {
    const { key, secret } = await issue();
    await store.keys.revoke(key.id, clock.now());
    expect([await ring.lookup(secret), await ring.lookup(generateKey("live")), await ring.lookup("nonsense")]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("reads again only the keys that changed, here or elsewhere", async () => {
    const issued = [await issue(), await issue(), await issue()];
    for (const { secret } of issued) await ring.lookup(secret);
    await store.keys.revoke(issued[0]?.key.id ?? "", clock.now());
    await issue();
    clock.advance(501);
    reads = 0;
    for (const { secret } of issued) await ring.lookup(secret);
    ring.forget(issued[1]?.key.id ?? "");
    expect(await ring.lookup(issued[1]?.secret ?? "")).not.toBeNull();
    expect(ring.lookup(issued[2]?.secret ?? "")).not.toBeInstanceOf(Promise);
    expect(reads).toBe(2);
  });

  it("does not remember a key that was revoked while it was being read", async () => {
    const { key, secret } = await issue();
    let ring2: KeyRing;
    const racing: KeyStore = {
      ...store.keys,
      async findByDigest(value) {
        const found = await store.keys.findByDigest(value);
        if (found?.key.status === "active") {
          await revokeKey({ keys: store.keys, clock, onChange: (id) => ring2.forget(id) }, key.id);
        }
        return found;
      },
    };
    ring2 = new KeyRing({ keys: racing, digest, clock, onError: failOn });
    expect(await ring2.lookup(secret)).toBeNull();
    expect(await ring2.lookup(secret)).toBeNull();
  });

  it("lets a key in until the millisecond it expires, though it is remembered", async () => {
    const { secret } = await issue({ expiresAtMs: clock.now() + 100 });
    expect(await ring.lookup(secret)).not.toBeNull();
    clock.advance(99);
    expect(ring.lookup(secret)).not.toBeNull();
    clock.advance(1);
    expect(() => ring.lookup(secret)).toThrow(expect.objectContaining({ code: "key_expired", status: 401 }));
  });

  it("does not tell that a revoked key had expired", async () => {
    const { key, secret } = await issue({ expiresAtMs: clock.now() });
    await store.keys.revoke(key.id, clock.now());
    expect(await ring.lookup(secret)).toBeNull();
  });

  it("says that a key is suspended to whoever holds it", async () => {
    const { key, secret } = await issue();
    const suspended: KeyStore = {
      ...store.keys,
      findByDigest: async (value) => {
        const found = await store.keys.findByDigest(value);
        return found === null ? null : { ...found, key: { ...found.key, status: "suspended" } };
      },
    };
    const other = new KeyRing({ keys: suspended, digest, clock, onError: failOn });
    await expect(other.lookup(secret)).rejects.toMatchObject({ code: "key_suspended", status: 403 });
    expect(() => other.lookup(secret)).toThrow(expect.objectContaining({ code: "key_suspended" }));
    expect(key.status).toBe("active");
  });

  it("refuses a secret whose overlap has ended, and says that the key was rotated", async () => {
    const { secret } = await issue();
    const rotated: KeyStore = {
      ...store.keys,
      findByDigest: async (value) => {
        const found = await store.keys.findByDigest(value);
        return found === null ? null : { ...found, secret: { ...found.secret, expiresAtMs: clock.now() } };
      },
    };
    const looked = async () => new KeyRing({ keys: rotated, digest, clock, onError: failOn }).lookup(secret);
    await expect(looked()).rejects.toMatchObject({
      code: "key_expired",
      message: expect.stringMatching(/rotated.*stopped working on 20/),
    });
  });

  it("looks for changes before it answers when it has not looked for half a second", async () => {
    const { key, secret } = await issue();
    await ring.lookup(secret);
    await store.keys.revoke(key.id, clock.now());
    clock.advance(500);
    expect(ring.lookup(secret)).toMatchObject({ key: { status: "active" } });
    clock.advance(1);
    expect(await ring.lookup(secret)).toBeNull();
  });

  it("lets nobody in when it can't ask whether keys still stand", async () => {
    const { secret } = await issue();
    await ring.lookup(secret);
    clock.advance(501);
    await store.close();
    await expect(ring.lookup(secret)).rejects.toMatchObject({ code: "gateway_overloaded", status: 503 });
    store = await openSqlite(":memory:");
    ring = makeRing();
  });

  it("writes when keys were last used, in one go", async () => {
    const { key, secret } = await issue();
    await ring.lookup(secret);
    const usedAt = clock.now();
    expect((await store.keys.get(key.id))?.lastUsedAtMs).toBeNull();
    clock.advance(5_001);
    await ring.lookup(generateKey("live"));
    expect((await store.keys.get(key.id))?.lastUsedAtMs).toBe(usedAt);
    ring.lookup(secret);
    await ring.close();
    expect((await store.keys.get(key.id))?.lastUsedAtMs).toBe(clock.now());
  });
});

describe("a ring on a file that another process changes", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-ring-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("refuses within a second a key that a second connection revoked, and stays synchronous meanwhile", async () => {
    const path = join(folder, "turnpike.db");
    const [mine, theirs] = [await openSqlite(path), await openSqlite(path)];
    const errors: unknown[] = [];
    const ring = new KeyRing({ keys: mine.keys, digest, clock: systemClock, onError: (error) => errors.push(error) });
    ring.watch();
    const { key, secret } = await issueKey({ keys: theirs.keys, digest, clock: systemClock }, request);
    expect(await ring.lookup(secret)).not.toBeNull();
    expect(ring.lookup(secret)).toMatchObject({ key: { id: key.id } });
    await revokeKey({ keys: theirs.keys, clock: systemClock, onChange: () => {} }, key.id);
    await vi.waitUntil(async () => (await ring.lookup(secret)) === null, { timeout: 1_000, interval: 20 });
    const { secret: later } = await issueKey({ keys: theirs.keys, digest, clock: systemClock }, request);
    expect(await ring.lookup(later)).not.toBeNull();
    await ring.close();
    await Promise.all([mine.close(), theirs.close()]);
    expect(errors).toEqual([]);
  });

  it("forgets all it knew when an older database was put in place", async () => {
    const path = join(folder, "turnpike.db");
    const store = await openSqlite(path);
    const clock = manualClock();
    const failOn = (error: unknown) => {
      throw error;
    };
    const ring = new KeyRing({ keys: store.keys, digest, clock, onError: failOn });
    const { secret } = await issueKey({ keys: store.keys, digest, clock }, request);
    expect(await ring.lookup(secret)).not.toBeNull();
    const hand = new Client(path);
    hand.exec("delete from key_secrets; update meta set value = '0' where name = 'keys_epoch'");
    hand.close();
    expect(ring.lookup(secret)).not.toBeNull();
    clock.advance(501);
    expect(await ring.lookup(secret)).toBeNull();
    await ring.close();
    await store.close();
  });
});
