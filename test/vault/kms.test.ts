// A key of a KMS in the master key's place: asked by the service's own protocol, and replaced by another one without a loss.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock as clock } from "../../src/clock.ts";
import { readConfig } from "../../src/config.ts";
import { createDigest } from "../../src/keys/digest.ts";
import { checkMasterKey } from "../../src/keys/master-key-check.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { loadMasters } from "../../src/vault/masters.node.ts";
import { rekey } from "../../src/vault/rekey.ts";
import { openVault } from "../../src/vaulting.ts";
import { type KmsServer, startAwsKms, startAzureKeys, startGoogleKms, startTransit } from "../support/managers/kms.ts";

const kinds: readonly (readonly [string, () => Promise<KmsServer>])[] = [
  ["AWS KMS", startAwsKms],
  ["Vault's transit engine", startTransit],
  ["Google Cloud KMS", startGoogleKms],
  ["Azure Key Vault", startAzureKeys],
];

let store: Store;
let folder: string;
const servers: KmsServer[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-kms-"));
  store = await openSqlite(":memory:");
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(start: () => Promise<KmsServer>): Promise<KmsServer> {
  const server = await start();
  servers.push(server);
  return server;
}

/** The vault, as a process with this environment opens it. */
async function open(env: Readonly<Record<string, string>>) {
  const masters = await loadMasters({ config: readConfig(env), folder, env, warn: () => {} });
  return openVault(masters, { store, clock });
}

const by = ({ setting, env }: KmsServer) => ({ ...env, TURNPIKE_KMS: setting });

describe.each(kinds)("%s", (_, start) => {
  test("wraps the keys of the vault, and unwraps them for the next process, also after it has rotated its own key", async () => {
    const kms = await serve(start);
    const { masterKey, keyring } = await open(by(kms));
    const envelope = keyring.seal(Buffer.from("sk-value"), "a thing");
    kms.rotate();
    const again = await open(by(kms));
    expect(again.masterKey).toEqual(masterKey);
    expect(Buffer.from(again.keyring.open(envelope, "a thing")).toString()).toBe("sk-value");
    expect(kms.refusals).toEqual([]);
    // It saw no key of ours: what it encrypts is random, and used for this one wrapping.
    const asked = kms.asked.map(({ body }) => body).join("\n");
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      expect(asked.includes(Buffer.from(masterKey).toString(encoding))).toBe(false);
    }
  });

  test("unwraps a key as no other one", async () => {
    const kms = await serve(start);
    const { masters } = await open(by(kms));
    const wrapped = await masters.current.wrap(randomBytes(32), "turnpike keyring kek_1");
    await expect(masters.current.unwrap(wrapped, "turnpike keyring root")).rejects.toThrow();
  });

  test("takes over from a master key, with every digest as it was, and gives it back", async () => {
    const kms = await serve(start);
    const masterKey = randomBytes(32).toString("base64");
    await checkMasterKey(store.meta, createDigest(Buffer.from(masterKey, "base64")));
    const { digest } = await open({ TURNPIKE_MASTER_KEY: masterKey });
    const { masters } = await open({ ...by(kms), TURNPIKE_MASTER_KEY: masterKey });
    await rekey({ store: store.keyring, masters, now: () => clock.now() });
    expect((await open(by(kms))).digest("key")).toBe(digest("key"));
    const back = { ...kms.env, TURNPIKE_MASTER_KEY: masterKey, TURNPIKE_KMS_PREVIOUS: kms.setting };
    await rekey({ store: store.keyring, masters: (await open(back)).masters, now: () => clock.now() });
    expect((await open({ TURNPIKE_MASTER_KEY: masterKey })).digest("key")).toBe(digest("key"));
  });

  test("that is away keeps a process from starting, and says which setting it is about", async () => {
    const kms = await serve(start);
    await open(by(kms));
    kms.away = true;
    await expect(open(by(kms))).rejects.toThrow(/TURNPIKE_KMS: .*can't be reached/);
  });
});

test("a setting that names no KMS is refused with those that there are", async () => {
  await expect(open({ TURNPIKE_KMS: "aws:thing" })).rejects.toThrow("vault-transit, aws-kms, gcp-kms, azure-kv-key");
});

test("a KMS that refuses is told of in its own word, without who was refused", async () => {
  const kms = await serve(startAwsKms);
  const env = { ...by(kms), AWS_SECRET_ACCESS_KEY: "another-secret-of-the-operator" };
  const refused = await open(env).catch((error: Error) => error.message);
  expect(refused).toContain("IncompleteSignatureException");
  expect(refused).not.toContain("another-secret");
});
