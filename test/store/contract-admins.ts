// What a store must keep of administrators, their roles, sessions and second factors.
import { describe, expect, test } from "vitest";
import type { Store } from "../../src/store/port.ts";
import type { RoleRecord, SessionRecord } from "../../src/store/port-admins.ts";
import { noon, sampleAdmin, sampleCall, sampleKey } from "./samples.ts";

const role: RoleRecord = {
  name: "support",
  description: "",
  permissions: ["keys:read"],
  scope: [{ customer: "acme" }],
  secondFactor: null,
  createdAtMs: noon,
  updatedAtMs: noon,
};

const session = (over: Partial<SessionRecord> = {}): SessionRecord => ({
  id: "ses_1",
  digest: "digest-of-ses_1",
  adminId: "adm_1",
  kind: "cookie",
  method: "key",
  createdAtMs: noon,
  lastUsedAtMs: noon,
  expiresAtMs: noon + 1_000,
  verifiedAtMs: null,
  address: "127.0.0.1",
  userAgent: null,
  ...over,
});

export function adminContract(store: () => Store): void {
  describe("administrators", () => {
    test("are found by their key, by the one before it, and by who they are elsewhere", async () => {
      const { admins } = store();
      const local = sampleAdmin({ oldDigest: "old", oldExpiresAtMs: noon + 1, scope: [{ customer: "acme" }] });
      const elsewhere = sampleAdmin({ id: "adm_2", provider: "okta", subject: "u1" });
      await admins.create(local);
      await admins.create(elsewhere);
      expect(await admins.findByDigest("old")).toEqual(local);
      expect(await admins.findByIdentity("okta", "u1")).toEqual(elsewhere);
      expect(await admins.findByIdentity("okta", "u2")).toBeNull();
      await expect(admins.create(sampleAdmin({ id: "adm_3", provider: "okta", subject: "u1" }))).rejects.toThrow();
      expect((await admins.list()).map(({ id }) => id)).toEqual(["adm_1", "adm_2"]);
    });

    test.each([{ role: "admin" }, { status: "suspended" as const }, { revokedAtMs: noon }, { expiresAtMs: noon + 1 }])(
      "keep one owner who can always come back: %j",
      async (changes) => {
        const { admins } = store();
        await admins.create(sampleAdmin());
        await admins.create(sampleAdmin({ id: "adm_2", provider: "okta", subject: "u1" }));
        await admins.create(sampleAdmin({ id: "adm_3", expiresAtMs: noon + 1 }));
        expect(await admins.update("adm_1", changes)).toBe("last_owner");
        expect(await admins.remove("adm_1")).toBe("last_owner");
        expect(await admins.update("adm_1", { name: "renamed" })).toBe("changed");
        await admins.create(sampleAdmin({ id: "adm_4" }));
        expect(await Promise.all(["adm_1", "adm_4"].map((id) => admins.update(id, changes)))).toEqual([
          "changed",
          "last_owner",
        ]);
        expect(await admins.update("adm_9", changes)).toBe("missing");
      },
    );

    test("leave nothing behind when they are removed", async () => {
      const { admins, sessions, factors } = store();
      await admins.create(sampleAdmin({ role: "viewer" }));
      await sessions.create(session());
      await factors.putRecovery("adm_1", ["a", "b"]);
      expect(await admins.remove("adm_1")).toBe("changed");
      expect(await sessions.findByDigest("digest-of-ses_1")).toBeNull();
      expect(await factors.recoveryLeft("adm_1")).toBe(0);
    });
  });

  test("a role in use is not removed", async () => {
    const { admins, roles } = store();
    expect(await roles.create(role)).toBe(true);
    expect(await roles.create(role)).toBe(false);
    await admins.create(sampleAdmin({ role: "support" }));
    expect(await roles.remove("support")).toBe("in_use");
    await roles.update("support", { scope: null });
    expect(await roles.list()).toEqual([{ ...role, scope: null }]);
    await admins.update("adm_1", { role: "viewer" });
    expect(await roles.remove("support")).toBe("removed");
    expect(await roles.remove("support")).toBe("missing");
  });

  test("sessions end one by one, all of an administrator's together, and by time", async () => {
    const { sessions } = store();
    await sessions.create(session());
    await sessions.create(session({ id: "ses_2", digest: "two" }));
    await sessions.create(session({ id: "ses_3", digest: "three", adminId: "adm_2", expiresAtMs: noon + 5_000 }));
    expect((await sessions.list("adm_1")).map(({ id }) => id)).toEqual(["ses_2", "ses_1"]);
    expect([await sessions.remove("ses_2"), await sessions.remove("ses_2")]).toEqual([true, false]);
    await sessions.touch("ses_1", noon + 7);
    expect(await sessions.get("ses_1")).toEqual(session({ lastUsedAtMs: noon + 7 }));
    expect(await sessions.removeOf("adm_1")).toBe(1);
    await sessions.sweep(noon + 5_000);
    expect(await sessions.findByDigest("three")).toBeNull();
  });

  test("a challenge is taken once, for its purpose, in its time", async () => {
    const { challenges } = store();
    const challenge = { digest: "c", purpose: "passkey", sealed: Buffer.from("kept"), expiresAtMs: noon + 10 };
    await challenges.create(challenge, noon);
    expect(await challenges.take("c", "oidc", noon)).toBeNull();
    expect(await challenges.take("c", "passkey", noon + 10)).toBeNull();
    const both = await Promise.all([1, 2].map(() => challenges.take("c", "passkey", noon)));
    expect(both.filter((one) => one !== null).map((one) => Buffer.from(one.sealed).toString())).toEqual(["kept"]);
  });

  test("codes and counters go forwards only", async () => {
    const { factors } = store();
    const totp = { adminId: "adm_1", sealed: Buffer.from("s"), createdAtMs: noon, confirmedAtMs: null, lastStep: 0 };
    await factors.putTotp(totp);
    const taken = await Promise.all([7, 7, 6, 8].map((step) => factors.takeStep("adm_1", step, noon)));
    expect(taken).toEqual([true, false, false, true]);
    const passkey = {
      id: "pk",
      adminId: "adm_1",
      name: "laptop",
      publicKey: Buffer.from("k"),
      counter: 1,
      transports: ["usb"],
      createdAtMs: noon,
      lastUsedAtMs: null,
    };
    expect([await factors.addPasskey(passkey), await factors.addPasskey({ ...passkey, adminId: "adm_2" })]).toEqual([
      true,
      false,
    ]);
    expect([await factors.usePasskey("pk", 1, noon), await factors.usePasskey("pk", 2, noon)]).toEqual([false, true]);
    await factors.putRecovery("adm_1", ["a", "b"]);
    expect([await factors.takeRecovery("adm_1", "a"), await factors.takeRecovery("adm_1", "a")]).toEqual([true, false]);
    expect([await factors.removePasskey("adm_2", "pk"), await factors.removePasskey("adm_1", "pk")]).toEqual([
      false,
      true,
    ]);
  });

  test("keys, usage and credits are listed within a scope", async () => {
    const { keys, calls } = store();
    for (const [id, customer, project] of [
      ["key_1", "acme", "shop"],
      ["key_2", "acme", "lab"],
      ["key_3", "umbrella", "shop"],
    ] as const) {
      await keys.create(sampleKey({ id, customer, project }));
    }
    const listed = async (within: readonly { customer: string; project?: string }[]) =>
      (await keys.list({ limit: 10, within })).data.map(({ id }) => id);
    expect(await listed([{ customer: "acme" }])).toEqual(["key_2", "key_1"]);
    expect(await listed([{ customer: "acme", project: "lab" }, { customer: "umbrella" }])).toEqual(["key_3", "key_2"]);
    expect(await listed([])).toEqual([]);
    await calls.append({ opened: [sampleCall()], settled: [] });
    const query = { groupBy: [], fromMs: 0, toMs: noon * 2 };
    const requests = async (within: readonly { customer: string }[]) =>
      (await calls.usage({ ...query, within })).reduce((sum, row) => sum + row.requests, 0);
    expect(await requests([{ customer: "umbrella" }])).toBe(0);
  });
}
