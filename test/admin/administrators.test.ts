// What administrators may do to each other: nothing beyond what they have, and nothing that shuts everybody out.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";
import { type Admin, by, makeAdmin } from "../support/administrators.ts";

let server: AdminServer;
beforeAll(async () => {
  server = await startAdmin();
});
afterAll(() => server.close());

const codeOf = async (answer: Promise<Response>): Promise<unknown> => {
  const got = await answer;
  return got.ok ? got.status : (await errorOf(got)).code;
};
const json = async <T>(answer: Promise<Response>): Promise<T> => (await (await answer).json()) as T;

describe("an administrator's life", () => {
  test("its key is shown once, works at once, and tells who it is", async () => {
    const admin = await makeAdmin(server, "billing");
    expect(admin.key).toMatch(/^tp_admin_/);
    const me = await json<Record<string, unknown>>(admin.request("GET", "/me"));
    expect(me).toMatchObject({ id: admin.id, role: "billing", scope: null, session: null });
    const shown = await (await server.request("GET", `/admins/${admin.id}`)).text();
    expect(shown).not.toContain(admin.key);
    expect(JSON.parse(shown)).toMatchObject({ object: "admin", status: "active", created_by: "adm_test" });
  });

  test("after a rotation both keys work until the overlap ends", async () => {
    const admin = await makeAdmin(server, "viewer");
    const { key } = await json<{ key: string }>(
      server.request("POST", `/admins/${admin.id}/rotate`, { overlap_hours: 1 }),
    );
    const renewed = by(server, admin.id, key);
    expect([await codeOf(admin.request("GET", "/keys")), await codeOf(renewed.request("GET", "/keys"))]).toEqual([
      200, 200,
    ]);
    server.clock.advance(3_600_000);
    expect([await codeOf(admin.request("GET", "/keys")), await codeOf(renewed.request("GET", "/keys"))]).toEqual([
      "key_expired",
      200,
    ]);
  });

  test("suspended it waits, revoked and removed it is nobody, expired it is told so", async () => {
    const admin = await makeAdmin(server, "viewer");
    await server.request("POST", `/admins/${admin.id}/suspend`);
    expect(await codeOf(admin.request("GET", "/keys"))).toBe("key_suspended");
    await server.request("POST", `/admins/${admin.id}/resume`);
    expect(await codeOf(admin.request("GET", "/keys"))).toBe(200);
    await server.request("POST", `/admins/${admin.id}/revoke`);
    expect(await codeOf(admin.request("GET", "/keys"))).toBe("invalid_api_key");
    expect(await codeOf(server.request("POST", `/admins/${admin.id}/resume`))).toBe("conflict");
    expect(await codeOf(server.request("DELETE", `/admins/${admin.id}`))).toBe(200);
    const expires_at = new Date(server.clock.now() + 1_000).toISOString();
    const brief = await makeAdmin(server, "viewer", { expires_at });
    expect(await codeOf(brief.request("GET", "/keys"))).toBe(200);
    server.clock.advance(1_000);
    expect(await codeOf(brief.request("GET", "/keys"))).toBe("key_expired");
  });

  test("it comes from where it may come from", async () => {
    const here = await makeAdmin(server, "viewer", { ip_allow: ["127.0.0.0/8"] });
    const elsewhere = await makeAdmin(server, "viewer", { ip_allow: ["203.0.113.0/24"] });
    expect(await codeOf(here.request("GET", "/keys"))).toBe(200);
    expect(await codeOf(elsewhere.request("GET", "/keys"))).toBe("ip_not_allowed");
    expect(await codeOf(server.request("POST", "/admins", { name: "x", role: "viewer", ip_deny: ["nowhere"] }))).toBe(
      "invalid_request",
    );
  });

  test("it is noted when it was last there", async () => {
    const admin = await makeAdmin(server, "viewer");
    await admin.request("GET", "/keys");
    const { last_used_at } = await json<{ last_used_at: string }>(server.request("GET", `/admins/${admin.id}`));
    expect(last_used_at).toBe(new Date(server.clock.now()).toISOString());
  });
});

describe("the last owner", () => {
  test.each([
    ["PATCH", "/admins/adm_test", { role: "admin" }],
    ["PATCH", "/admins/adm_test", { expires_at: "2099-01-01T00:00:00Z" }],
    ["POST", "/admins/adm_test/suspend", {}],
    ["POST", "/admins/adm_test/revoke", {}],
    ["DELETE", "/admins/adm_test", undefined],
  ])("stays: %s %s %j", async (method, path, body) => {
    expect(await codeOf(server.request(method, path, body))).toBe("conflict");
  });

  test("can go when there is another one", async () => {
    const other = await startAdmin();
    const second = await makeAdmin(other, "owner");
    expect(await codeOf(second.request("PATCH", "/admins/adm_test", { role: "viewer" }))).toBe(200);
    expect(await codeOf(second.request("DELETE", `/admins/${second.id}`))).toBe("conflict");
    await other.close();
  });
});

describe("nobody gives, changes or takes more than they have", () => {
  let admin: Admin;
  let recruiter: Admin;
  let owner: Admin;
  beforeAll(async () => {
    admin = await makeAdmin(server, "admin");
    owner = await makeAdmin(server, "owner");
    const role = { name: "recruiter", permissions: ["admins:read", "admins:write", "keys:read"] };
    await server.request("POST", "/roles", role);
    recruiter = await makeAdmin(server, "recruiter");
  });

  test("an admin makes no owner, and does nothing to one", async () => {
    const done = await Promise.all([
      codeOf(admin.request("POST", "/admins", { name: "x", role: "owner" })),
      codeOf(admin.request("PATCH", `/admins/${owner.id}`, { name: "x" })),
      codeOf(admin.request("POST", `/admins/${owner.id}/rotate`)),
      codeOf(admin.request("POST", `/admins/${owner.id}/reset-second-factors`)),
      codeOf(admin.request("POST", `/admins/${owner.id}/revoke`)),
      codeOf(admin.request("DELETE", `/admins/${owner.id}/sessions`)),
      codeOf(admin.request("DELETE", `/admins/${owner.id}`)),
    ]);
    expect(new Set(done)).toEqual(new Set(["permission_denied"]));
  });

  test("who may make administrators makes none with other permissions, by no way", async () => {
    const viewer = await makeAdmin(server, "viewer");
    const done = await Promise.all([
      codeOf(recruiter.request("POST", "/admins", { name: "x", role: "admin" })),
      codeOf(recruiter.request("POST", "/admins", { name: "x", role: "viewer" })),
      codeOf(recruiter.request("POST", `/admins/${viewer.id}/rotate`)),
      codeOf(recruiter.request("PATCH", `/admins/${viewer.id}`, { role: "recruiter" })),
      codeOf(recruiter.request("POST", "/roles", { name: "more", permissions: ["keys:read", "keys:write"] })),
      codeOf(recruiter.request("PATCH", "/roles/recruiter", { permissions: ["keys:write"] })),
    ]);
    expect(new Set(done)).toEqual(new Set(["permission_denied"]));
    expect(await codeOf(recruiter.request("POST", "/roles", { name: "less", permissions: ["keys:read"] }))).toBe(201);
    expect(await codeOf(recruiter.request("POST", "/admins", { name: "x", role: "less" }))).toBe(201);
  });

  test("nobody changes its own role", async () => {
    await server.request("POST", "/roles", {
      name: "guarded",
      permissions: ["admins:read", "admins:write"],
      second_factor: "required",
    });
    await server.store.roles.update("guarded", { secondFactor: null });
    const holder = await makeAdmin(server, "guarded");
    expect(await codeOf(holder.request("PATCH", "/roles/guarded", { description: "mine" }))).toBe("permission_denied");
  });

  test("an owner who is limited to some customers, as groups can make one, is none", async () => {
    const limited = await makeAdmin(server, "admin", { scope: [{ customer: "acme" }] });
    await server.store.admins.update(limited.id, { role: "owner" });
    expect(await codeOf(limited.request("POST", "/admins", { name: "x", role: "viewer" }))).toBe("permission_denied");
    expect(await codeOf(limited.request("PATCH", `/admins/${limited.id}`, { scope: null }))).toBe("permission_denied");
    expect(await codeOf(limited.request("GET", "/providers"))).toBe("permission_denied");
  });

  test("nobody but an owner changes itself", async () => {
    expect(await codeOf(admin.request("PATCH", `/admins/${admin.id}`, { ip_allow: null }))).toBe("permission_denied");
    expect(await codeOf(owner.request("PATCH", `/admins/${owner.id}`, { name: "me" }))).toBe(200);
    expect(await codeOf(admin.request("POST", "/me/rotate"))).toBe(200);
  });

  test("who expires makes nobody who lives longer, and nobody leaves out the second factor for others", async () => {
    const expires_at = new Date(server.clock.now() + 3_600_000).toISOString();
    const brief = await makeAdmin(server, "admin", { expires_at });
    expect(await codeOf(brief.request("POST", "/admins", { name: "x", role: "viewer" }))).toBe("permission_denied");
    expect(await codeOf(brief.request("POST", "/admins", { name: "x", role: "viewer", expires_at }))).toBe(201);
    const robot = { name: "robot", permissions: ["keys:read"], second_factor: "exempt" };
    expect(await codeOf(admin.request("POST", "/roles", robot))).toBe("permission_denied");
    expect(await codeOf(owner.request("POST", "/roles", robot))).toBe(201);
    expect(await codeOf(admin.request("POST", "/admins", { name: "x", role: "robot" }))).toBe("permission_denied");
  });

  test("roles that are built in, in use or unknown stay what they are", async () => {
    expect(await codeOf(server.request("PATCH", "/roles/viewer", { permissions: ["keys:write"] }))).toBe("conflict");
    expect(await codeOf(server.request("POST", "/roles", { name: "owner", permissions: ["keys:read"] }))).toBe(
      "invalid_request",
    );
    expect(await codeOf(server.request("DELETE", "/roles/recruiter"))).toBe("conflict");
    expect(await codeOf(server.request("POST", "/admins", { name: "x", role: "unheard-of" }))).toBe("invalid_request");
    expect(await codeOf(server.request("POST", "/admins", { name: "x", role: "owner", scope: [] }))).toBe(
      "invalid_request",
    );
  });

  test("a changed role counts from the next request on", async () => {
    await server.request("POST", "/roles", { name: "changing", permissions: ["keys:read"] });
    const holder = await makeAdmin(server, "changing");
    expect(await codeOf(holder.request("GET", "/usage"))).toBe("permission_denied");
    await server.request("PATCH", "/roles/changing", { permissions: ["usage:read"] });
    expect([await codeOf(holder.request("GET", "/usage")), await codeOf(holder.request("GET", "/keys"))]).toEqual([
      200,
      "permission_denied",
    ]);
  });
});
