// What every store promises of credentials, their versions, and the keys that seal them.
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import type { CredentialVersion } from "../../src/store/port-credentials.ts";
import { sampleCredential } from "../support/credentials.ts";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const read = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();

export function credentialContract(store: () => Store): void {
  async function add(id: string, kekId = "kek_1"): Promise<CredentialVersion> {
    const { credential, version } = sampleCredential(id);
    const envelope = { kekId, wrappedKey: bytes(`key of ${id}`), sealed: bytes(`value of ${id}`) };
    const first = { ...version, envelope, fingerprint: `print of ${id}` };
    await store().credentials.create(credential, first);
    return first;
  }
  const key = (id: string) => ({ id, wrapper: "master-key:1", wrapped: bytes(id), createdAtMs: 1 });

  describe("credentials", () => {
    it("are kept with their versions, found by fingerprint, and move the epoch with every change", async () => {
      const { credentials, keyring } = store();
      await keyring.claim(key("kek_1"));
      const before = await credentials.epoch();
      await add("cred_1");
      expect(await credentials.get("cred_1")).toEqual(sampleCredential("cred_1").credential);
      const [version] = await credentials.versions("cred_1");
      expect([read(version?.envelope?.sealed), read(version?.envelope?.wrappedKey)]).toEqual([
        "value of cred_1",
        "key of cred_1",
      ]);
      expect((await credentials.findByFingerprint("print of cred_1")).map(({ id }) => id)).toEqual(["cred_1"]);
      expect(await credentials.update("cred_1", { enabled: false, models: ["gpt-*"] }, 5)).toBe(true);
      expect(await credentials.get("cred_1")).toMatchObject({ enabled: false, models: ["gpt-*"], updatedAtMs: 5 });
      expect(await credentials.update("cred_none", { enabled: false }, 5)).toBe(false);
      expect(await credentials.epoch()).toBe(before + 2);
    });

    it("are rotated by one of several at once, and lose what has retired, byte by byte", async () => {
      const { credentials, keyring } = store();
      await keyring.claim(key("kek_1"));
      const first = await add("cred_1");
      const second = { ...first, version: 2, createdAtMs: 10, fingerprint: "print of the second" };
      const rotated = await Promise.all([1, 2, 3].map(() => credentials.rotate(second, 100)));
      expect(rotated.filter(Boolean)).toHaveLength(1);
      expect(await credentials.destroyRetired(99)).toBe(0);
      expect(await credentials.destroyRetired(100)).toBe(1);
      const [current, former] = await credentials.versions("cred_1");
      expect(current).toMatchObject({ version: 2, retiresAtMs: null, destroyedAtMs: null });
      expect(former).toMatchObject({ version: 1, retiresAtMs: 100, destroyedAtMs: 100, envelope: null });
      expect(await credentials.findByFingerprint("print of cred_1")).toEqual([]);
    });

    it("are removed with all that was theirs", async () => {
      const { credentials, keyring } = store();
      await keyring.claim(key("kek_1"));
      await add("cred_1");
      expect([await credentials.remove("cred_1"), await credentials.remove("cred_1")]).toEqual([true, false]);
      expect([await credentials.list(), await credentials.versions()]).toEqual([[], []]);
    });
  });

  describe("the keyring", () => {
    it("keeps the first of a name, is wrapped anew by whoever knows how it is, and loses no key that is needed", async () => {
      const { credentials, keyring } = store();
      await keyring.claim(key("kek_1"));
      await keyring.claim({ ...key("kek_1"), wrapped: bytes("another") });
      await keyring.rewrap("kek_1", "master-key:other", { wrapper: "master-key:2", wrapped: bytes("new") });
      expect((await keyring.list()).map(({ id, wrapped }) => [id, read(wrapped)])).toEqual([["kek_1", "kek_1"]]);
      await keyring.rewrap("kek_1", "master-key:1", { wrapper: "master-key:2", wrapped: bytes("new") });
      expect((await keyring.list()).map(({ wrapper, wrapped }) => [wrapper, read(wrapped)])).toEqual([
        ["master-key:2", "new"],
      ]);
      await add("cred_1");
      await keyring.removeUnused("kek_1");
      expect(await keyring.uses()).toEqual(new Map([["kek_1", 1]]));
      await expect(add("cred_2", "kek_none")).rejects.toThrow();
      expect(await credentials.get("cred_2")).toBeNull();
    });

    it("moves data keys in one transaction, each only from the key that it was under", async () => {
      const { credentials, keyring } = store();
      for (const id of ["kek_1", "kek_2"]) await keyring.claim(key(id));
      for (const id of ["cred_1", "cred_2"]) await add(id);
      expect(await keyring.wrappedByOthers("kek_2", 1)).toHaveLength(1);
      const to = { kekId: "kek_2", wrappedKey: bytes("moved") };
      await keyring.rewrapDataKeys([
        { credentialId: "cred_1", version: 1, from: "kek_1", to },
        { credentialId: "cred_2", version: 1, from: "kek_other", to },
      ]);
      const versions = await credentials.versions();
      expect(versions.map(({ envelope }) => [envelope?.kekId, read(envelope?.wrappedKey)])).toEqual([
        ["kek_2", "moved"],
        ["kek_1", "key of cred_2"],
      ]);
    });
  });
}
