// The first start, and every start after it.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bootstrap, formatFirstStart } from "../src/bootstrap.ts";
import { ConfigError } from "../src/config.ts";
import { createDigest } from "../src/keys/digest.ts";
import { generateAdminKey, generateKey, parseKey } from "../src/keys/format.ts";
import type { Store } from "../src/store/port.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import { manualClock } from "./support/clock.ts";

const digest = createDigest(new Uint8Array(32).fill(5));

describe("a start", () => {
  let store: Store;
  beforeEach(async () => {
    store = await openSqlite(":memory:");
  });
  afterEach(() => store.close());
  const start = (adminKey: string | null = null, over = digest) =>
    bootstrap({ store, digest: over, clock: manualClock(), adminKey });
  const administers = async (key: string) => (await store.admins.findByDigest(digest(key))) !== null;

  it("makes an administrator's and a customer's key when it is the first", async () => {
    const first = await start();
    expect(parseKey(first?.adminKey ?? "")).toEqual({ kind: "admin" });
    expect(parseKey(first?.customerKey ?? "")).toEqual({ kind: "customer", environment: "live" });
    expect(await administers(first?.adminKey ?? "")).toBe(true);
    const found = await store.keys.findByDigest(digest(first?.customerKey ?? ""));
    expect(found?.key).toMatchObject({ name: "first-key", customer: "default", project: "default", status: "active" });
  });

  it("makes nothing and loses nothing when it is not the first", async () => {
    const first = await start();
    expect(await start()).toBeNull();
    expect(await administers(first?.adminKey ?? "")).toBe(true);
    expect((await store.keys.list({ limit: 10 })).data).toHaveLength(1);
  });

  it("is the first for one of many that start at once", async () => {
    const starts = await Promise.all(Array.from({ length: 5 }, () => start()));
    expect(starts.filter((first) => first !== null)).toHaveLength(1);
    expect(await store.admins.count()).toBe(1);
    expect((await store.keys.list({ limit: 10 })).data).toHaveLength(1);
  });

  it("takes over TURNPIKE_ADMIN_KEY, and then shows and makes nothing", async () => {
    const given = generateAdminKey();
    expect(await start(given)).toBeNull();
    expect(await start(given)).toBeNull();
    expect(await administers(given)).toBe(true);
    expect(await store.admins.count()).toBe(1);
    expect((await store.keys.list({ limit: 10 })).data).toHaveLength(0);
    expect(await start()).toBeNull();
    expect(await administers(given)).toBe(true);
  });

  it("replaces a lost or leaked first administrator's key by TURNPIKE_ADMIN_KEY", async () => {
    const first = await start();
    const given = generateAdminKey();
    await start(given);
    expect(await administers(given)).toBe(true);
    expect(await administers(first?.adminKey ?? "")).toBe(false);
  });

  it.each(["secret", "", generateKey("live"), `${generateAdminKey()}x`])(
    "refuses a TURNPIKE_ADMIN_KEY that is none, unrepeated (%#)",
    async (key) => {
      const error = await start(key).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toBe(
        "TURNPIKE_ADMIN_KEY: expected an administrator's key; `turnpike keys admin` makes one",
      );
      expect(await store.admins.count()).toBe(0);
    },
  );

  it("refuses a master key that is not this database's, under which every key would be unknown", async () => {
    await start();
    await expect(start(null, createDigest(new Uint8Array(32).fill(6)))).rejects.toThrow(ConfigError);
    expect(await start()).toBeNull();
  });
});

describe("what a first start says", () => {
  const first = { adminKey: "tp_admin_A", customerKey: "tp_live_B" };

  it("shows both keys and a request to the sandbox that a shell takes as it stands", () => {
    const text = formatFirstStart(first, "http://127.0.0.1:8787", { sandbox: true });
    expect(text).toContain("administrator  tp_admin_A");
    expect(text).toContain("first key      tp_live_B");
    expect(text).toContain(
      `curl http://127.0.0.1:8787/v1/chat/completions \\
      -H "Authorization: Bearer tp_live_B" \\
      -H "Content-Type: application/json" \\
      -d '{"model":"sandbox/echo","messages":[{"role":"user","content":"Hello"}]}'`,
    );
  });

  it("does not send to a sandbox that is off", () => {
    const text = formatFirstStart(first, "http://x", { sandbox: false });
    expect(text).not.toContain("sandbox");
    expect(text).toContain('curl http://x/v1/models -H "Authorization: Bearer tp_live_B"');
  });
});
