// Secrets are kept fresh beside the calls: read ahead of their age, once for all, and served from memory while their manager is away.
import { afterEach, describe, expect, it } from "vitest";
import { ProviderError } from "../../../providers/dialects/failure.ts";
import { ConfigError } from "../../../src/config.ts";
import { startVaultServer, type VaultServer } from "../../support/managers/vault.ts";
import { heldTime, type OpenOptions, open, read } from "./opened.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function vault(): Promise<VaultServer> {
  const server = await startVaultServer();
  closing.push(() => server.close());
  server.put("secret/openai", { key: "first-value", other: "beside" });
  return server;
}

async function kept(server: VaultServer, reference = "vault:secret/openai#key", options?: OpenOptions) {
  const opened = await read({ VAULT_ADDR: server.url, VAULT_TOKEN: server.rootToken }, reference, options);
  closing.push(() => opened.references.close());
  return opened;
}

const reads = (server: VaultServer): number =>
  server.asked.filter(({ url }) => url.pathname.startsWith("/v1/secret/data/")).length;
const minute = 60_000;
const alert = "secret_unreadable vault:secret/openai#key";

describe("a secret that lies in a manager", () => {
  it("is read anew ahead of its age, and its new value used from then on", async () => {
    const server = await vault();
    const { value, time, state, logged } = await kept(server);
    expect(value()).toBe("first-value");
    expect(state()).toMatchObject({ status: "fresh", version: "1", failures: 0, lastError: null });
    server.put("secret/openai", { key: "second-value" });
    time.pass(4 * minute);
    expect(reads(server)).toBe(1);
    time.pass(minute);
    await expect.poll(value).toBe("second-value");
    expect(state().version).toBe("2");
    expect(logged).toMatchObject([{ level: "info", event: expect.stringContaining("was changed") }]);
  });

  it("is read as often as its reference says", async () => {
    const server = await vault();
    const { value, time } = await kept(server, "vault:secret/openai#key?ttl=10s");
    server.put("secret/openai", { key: "second-value" });
    time.pass(10_000);
    await expect.poll(value).toBe("second-value");
  });

  it("is read once however many references name its fields", async () => {
    const server = await vault();
    const opened = open({ VAULT_ADDR: server.url, VAULT_TOKEN: server.rootToken });
    closing.push(() => opened.references.close());
    const [key, other] = ["key", "other"].map((field) => opened.references.sourceOf(`vault:secret/openai#${field}`));
    await opened.begin();
    expect([key?.current().reveal(), other?.current().reveal()]).toEqual(["first-value", "beside"]);
    expect(reads(server)).toBe(1);
  });

  it("serves its last good value while the manager is away, with an alert, until it is back", async () => {
    const server = await vault();
    const { value, time, state, alerts, logged } = await kept(server);
    server.away = true;
    for (let hour = 1; hour <= 24; hour++) {
      time.pass(60 * minute);
      await expect.poll(() => state().failures).toBe(hour);
      expect(value()).toBe("first-value");
    }
    expect(state()).toMatchObject({ status: "stale", lastError: { message: "Vault can't be reached." } });
    expect(alerts.get(alert)).toBe(
      "The secret vault:secret/openai#key can't be read: Vault can't be reached. Calls go on with its last value. It is tried again.",
    );
    expect(logged.filter(({ level }) => level === "warn")).toHaveLength(1);
    server.away = false;
    server.put("secret/openai", { key: "second-value" });
    time.pass(minute);
    await expect.poll(value).toBe("second-value");
    expect(state()).toMatchObject({ status: "fresh", failures: 0, lastError: null });
    expect(alerts.size).toBe(0);
  });

  it("is tried again after longer and longer pauses, a minute at most", async () => {
    const server = await vault();
    const { time, state } = await kept(server);
    server.away = true;
    time.pass(5 * minute);
    const pauses: number[] = [];
    for (let failures = 1; failures <= 9; failures++) {
      await expect.poll(() => state().failures).toBe(failures);
      const pauseMs = (state().nextReadAtMs ?? 0) - time.now();
      pauses.push(pauseMs);
      time.pass(pauseMs);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it.each([
    ["its reference", "vault:secret/openai#key?max_age=1h", {}],
    ["a setting", "vault:secret/openai#key", { maxAgeMs: 60 * minute }],
  ])("is used no more when it is older than %s allows", async (_where, reference, options) => {
    const server = await vault();
    const { source, value, time, state } = await kept(server, reference, options);
    server.away = true;
    time.pass(59 * minute);
    expect(value()).toBe("first-value");
    time.pass(2 * minute);
    expect(source.current).toThrow(ProviderError);
    expect(state().status).toBe("expired");
    server.away = false;
    await expect
      .poll(() => {
        time.pass(minute);
        return state().status;
      })
      .toBe("fresh");
    expect(value()).toBe("first-value");
  });

  it("that loses its field serves its last value, and the others of the secret go on", async () => {
    const server = await vault();
    const opened = open({ VAULT_ADDR: server.url, VAULT_TOKEN: server.rootToken });
    closing.push(() => opened.references.close());
    const [key, other] = ["key", "other"].map((field) => opened.references.sourceOf(`vault:secret/openai#${field}`));
    await opened.begin();
    server.put("secret/openai", { other: "beside, anew" });
    opened.time.pass(5 * minute);
    await expect.poll(() => other?.current().reveal()).toBe("beside, anew");
    expect(key?.current().reveal()).toBe("first-value");
    expect(key?.describe()[0]?.lastError?.message).toBe("it has no field `key`.");
  });
});

describe("a secret that can't be read at the start", () => {
  it("is waited for: its credential fails as a provider's does, tells no caller where it is, and works once it can be read", async () => {
    const server = await vault();
    server.away = true;
    const { source, value, time, state, alerts } = await kept(server);
    expect(state()).toMatchObject({ status: "waiting", readAtMs: null, failures: 1 });
    expect(source.current).toThrow("The credential's secret can't be read from where it is kept.");
    expect(alerts.get(alert)).toContain("The credential waits for it.");
    server.away = false;
    time.pass(1_000);
    await expect.poll(value).toBe("first-value");
    expect(alerts.size).toBe(0);
  });

  it("is a reason not to start where that is asked for", async () => {
    const opened = open({});
    opened.references.sourceOf("vault:secret/openai#key");
    opened.references.sourceOf("file:/does/not/exist");
    const beginning = opened.begin({ strict: true });
    await expect(beginning).rejects.toThrow(ConfigError);
    await expect(beginning).rejects.toThrow("vault:secret/openai#key: VAULT_ADDR must say where Vault is.");
    await expect(beginning).rejects.toThrow("file:/does/not/exist: the file can't be read.");
  });

  it("is read at once when it is referred to later", async () => {
    const server = await vault();
    const opened = open({ VAULT_ADDR: server.url, VAULT_TOKEN: server.rootToken });
    closing.push(() => opened.references.close());
    await opened.begin();
    const source = opened.references.sourceOf("vault:secret/openai#key");
    await expect.poll(() => source?.describe()[0]?.status).toBe("fresh");
    source?.close();
    expect(opened.references.describe()).toEqual([]);
  });
});

describe("a value that its provider refuses", () => {
  it("is asked about once for all the calls that were refused, and replaced", async () => {
    const server = await vault();
    const { source, value } = await kept(server);
    const refused = source.current();
    server.put("secret/openai", { key: "second-value" });
    const renewals = await Promise.all(Array.from({ length: 100 }, () => source.renew(refused)));
    expect(renewals.every((another) => another)).toBe(true);
    expect(value()).toBe("second-value");
    expect(reads(server)).toBe(2);
    expect(await source.renew(refused)).toBe(true);
    expect(reads(server)).toBe(2);
  });

  it("is asked about again when what was being read is from before its change", async () => {
    const server = await vault();
    const { source, value, time } = await kept(server);
    const refused = source.current();
    // A read that was answered before the change, and is not yet here.
    time.pass(5 * minute);
    await expect.poll(() => reads(server)).toBe(2);
    server.put("secret/openai", { key: "second-value" });
    expect(await source.renew(refused)).toBe(true);
    expect(value()).toBe("second-value");
  });

  it("is left alone for a while when the manager has no other", async () => {
    const server = await vault();
    const { source, time } = await kept(server);
    const refused = source.current();
    for (let call = 0; call < 50; call++) expect(await source.renew(refused)).toBe(false);
    expect(reads(server)).toBe(2);
    time.pass(1_001);
    expect(await source.renew(refused)).toBe(false);
    expect(reads(server)).toBe(3);
    time.pass(1_001);
    expect(await source.renew(refused)).toBe(false);
    expect(reads(server)).toBe(3);
  });

  it("stays while the manager is away", async () => {
    const server = await vault();
    const { source, value } = await kept(server);
    server.away = true;
    expect(await source.renew(source.current())).toBe(false);
    expect(value()).toBe("first-value");
  });
});

describe("what is told of references", () => {
  it("holds where they stand and how they do, and no value", async () => {
    const server = await vault();
    const time = heldTime(Date.UTC(2026, 0, 1));
    const { references, source } = await kept(server, "vault:secret/openai#key", { time });
    expect(references.describe()).toEqual([
      {
        reference: "vault:secret/openai#key",
        manager: "vault",
        status: "fresh",
        version: "1",
        readAtMs: time.now(),
        expiresAtMs: null,
        nextReadAtMs: time.now() + 5 * minute,
        failures: 0,
        lastError: null,
      },
    ]);
    expect(JSON.stringify([references.describe(), source.current()])).not.toContain("first-value");
  });
});
