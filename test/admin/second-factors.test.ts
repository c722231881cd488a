// Second factors of administrators with keys: codes by time, recovery codes and passkeys, and what is left without them.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeOf as totpCode } from "../../src/signin/totp.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";
import { type Admin, by, makeAdmin } from "../support/administrators.ts";
import { createAuthenticator } from "../support/authenticator.ts";

let server: AdminServer;
let admin: Admin;
beforeEach(async () => {
  server = await startAdmin(":memory:", { secondFactor: ["admin"] });
  admin = await makeAdmin(server, "admin");
});
afterEach(() => server.close());

const codeOf = async (answer: Promise<Response>): Promise<unknown> => {
  const got = await answer;
  return got.ok ? got.status : (await errorOf(got)).code;
};
const json = async <T = Record<string, unknown>>(answer: Promise<Response>): Promise<T> =>
  (await (await answer).json()) as T;

/** RFC 4648, section 6. */
function fromBase32(text: string): Buffer {
  const bits = [...text].map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0"));
  return Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

const now = (secret: Buffer): string => totpCode(secret, Math.floor(server.clock.now() / 30_000));
const nextStep = () => server.clock.advance(30_000);

async function enrolTotp(who = admin): Promise<{ secret: Buffer; recovery: string[] }> {
  const begun = await json<{ secret: string }>(who.request("POST", "/me/totp"));
  const secret = fromBase32(begun.secret);
  const { codes } = await json<{ codes: string[] }>(who.request("POST", "/me/totp/confirm", { code: now(secret) }));
  nextStep();
  return { secret, recovery: codes };
}

/** A session by a token. */
async function signIn(proof: Record<string, unknown>, who = admin): Promise<Admin> {
  const opened = await json<{ token: string; method: string }>(
    who.request("POST", "/session/login", { ...proof, as: "token" }),
  );
  return by(server, who.id, opened.token);
}

describe("where a role needs a second factor", () => {
  test("a key alone reaches enrolment and login, and nothing else", async () => {
    expect(await codeOf(admin.request("GET", "/keys"))).toBe("second_factor_required");
    expect(await codeOf(admin.request("GET", "/me/sessions"))).toBe("second_factor_required");
    expect(await codeOf(admin.request("POST", "/me/rotate"))).toBe("second_factor_required");
    const me = await json(admin.request("GET", "/me"));
    expect(me.second_factor).toEqual({ required: true, enrolled: false, open: true });
    expect(await codeOf((await signIn({})).request("GET", "/keys"))).toBe("second_factor_required");
  });

  test("roles that are not named, and roles that are exempt, go on with their keys", async () => {
    expect(await codeOf((await makeAdmin(server, "viewer")).request("GET", "/keys"))).toBe(200);
    const strict = await startAdmin(":memory:", { secondFactor: "all" });
    const viewer = strict.store.admins.update("adm_test", { role: "viewer" });
    expect(await viewer).toBe("last_owner");
    await strict.store.roles.create({
      name: "robot",
      description: "",
      permissions: ["keys:read"],
      scope: null,
      secondFactor: "exempt",
      createdAtMs: 0,
      updatedAtMs: 0,
    });
    const { admins } = strict.store;
    const owner = await admins.get("adm_test");
    if (owner === null) throw new Error("the owner is gone");
    await admins.put({ ...owner, role: "robot" });
    expect((await strict.request("GET", "/keys")).status).toBe(200);
    await strict.close();
  });

  test("a role may need one where the installation does not ask for it", async () => {
    await server.request("POST", "/roles", { name: "careful", permissions: ["keys:read"], second_factor: "required" });
    const careful = await makeAdmin(server, "careful");
    expect(await codeOf(careful.request("GET", "/keys"))).toBe("second_factor_required");
    const { secret } = await enrolTotp(careful);
    expect(await codeOf((await signIn({ code: now(secret) }, careful)).request("GET", "/keys"))).toBe(200);
  });
});

describe("codes by time", () => {
  test("let in, each once", async () => {
    const { secret } = await enrolTotp();
    const code = now(secret);
    const session = await signIn({ code });
    expect(await codeOf(session.request("GET", "/keys"))).toBe(200);
    expect(await codeOf(admin.request("POST", "/session/login", { code }))).toBe("permission_denied");
    nextStep();
    expect(await codeOf(admin.request("POST", "/session/login", { code: now(secret) }))).toBe(201);
  });

  test("sent twice at the same time let in once", async () => {
    const { secret } = await enrolTotp();
    const code = now(secret);
    const both = await Promise.all([1, 2, 3].map(() => codeOf(admin.request("POST", "/session/login", { code }))));
    expect(both.filter((one) => one === 201)).toHaveLength(1);
  });

  test("can't be guessed: five wrong ones in a quarter of an hour, however they come", async () => {
    const { secret } = await enrolTotp();
    const wrong = now(secret) === "000000" ? "000001" : "000000";
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => codeOf(admin.request("POST", "/session/login", { code: wrong }))),
    );
    expect(tries.filter((one) => one === "permission_denied").length).toBeLessThanOrEqual(5);
    expect(await codeOf(admin.request("POST", "/session/login", { code: now(secret) }))).toBe("rate_limit_exceeded");
    server.clock.advance(15 * 60_000);
    expect(await codeOf(admin.request("POST", "/session/login", { code: now(secret) }))).toBe(201);
  });

  test("a key alone brings no other app once there is one", async () => {
    const { secret } = await enrolTotp();
    expect(await codeOf(admin.request("POST", "/session/login"))).toBe("second_factor_required");
    const told = (await server.store.audit.latest("admin.login"))?.body ?? "";
    expect(JSON.parse(told)).toMatchObject({ outcome: "denied", reason: "second_factor_required" });
    expect(await codeOf(admin.request("POST", "/me/totp"))).toBe("second_factor_required");
    expect(await codeOf(admin.request("POST", "/me/passkeys/options"))).toBe("second_factor_required");
    const session = await signIn({ code: now(secret) });
    expect(await codeOf(session.request("POST", "/me/passkeys/options"))).toBe(200);
    expect(await codeOf(session.request("DELETE", "/me/totp"))).toBe(200);
  });

  test("an app that never showed a code counts for nothing", async () => {
    await admin.request("POST", "/me/totp");
    expect(await codeOf(admin.request("POST", "/me/totp/confirm", { code: "000000" }))).toBe("invalid_request");
    expect((await json(admin.request("GET", "/me/second-factors"))).totp).toBe(false);
  });
});

test("recovery codes let in, each once, and not written in the database", async () => {
  const { recovery } = await enrolTotp();
  const [first = "", second = ""] = recovery;
  expect(recovery).toHaveLength(10);
  expect(await codeOf((await signIn({ recovery_code: first })).request("GET", "/keys"))).toBe(200);
  expect(await codeOf(admin.request("POST", "/session/login", { recovery_code: first }))).toBe("permission_denied");
  const session = await signIn({ recovery_code: second });
  expect((await json(session.request("GET", "/me/second-factors"))).recovery_codes_left).toBe(8);
  await session.request("POST", "/me/recovery-codes");
  expect(await codeOf(admin.request("POST", "/session/login", { recovery_code: recovery[2] }))).toBe(
    "permission_denied",
  );
});

describe("passkeys", () => {
  const page = () => server.url;
  const register = async (authenticator = createAuthenticator(), origin = page()): Promise<unknown> => {
    const { challenge_id, options } = await json(admin.request("POST", "/me/passkeys/options"));
    const response = authenticator.create(options, origin);
    return codeOf(admin.request("POST", "/me/passkeys", { challenge_id, name: "laptop", response }));
  };
  const show = async (authenticator: ReturnType<typeof createAuthenticator>, origin = page()): Promise<unknown> => {
    const { challenge_id, options } = await json(admin.request("POST", "/session/passkey"));
    const passkey = { challenge_id, response: authenticator.get(options, origin) };
    return codeOf(admin.request("POST", "/session/login", { passkey }));
  };

  // A passkey belongs to a host name, which an address is not.
  beforeEach(async () => {
    await server.close();
    server = await startAdmin(":memory:", { secondFactor: ["admin"], publicUrl: "https://turnpike.example" });
    admin = await makeAdmin(server, "admin");
  });
  const home = "https://turnpike.example";

  test("let in, each answer once", async () => {
    const authenticator = createAuthenticator();
    expect(await register(authenticator, home)).toBe(201);
    const { challenge_id, options } = await json(admin.request("POST", "/session/passkey"));
    const passkey = { challenge_id, response: authenticator.get(options, home) };
    expect(await codeOf(admin.request("POST", "/session/login", { passkey }))).toBe(201);
    expect(await codeOf(admin.request("POST", "/session/login", { passkey }))).toBe("permission_denied");
    expect(await show(authenticator, home)).toBe(201);
  });

  test("work without a counter", async () => {
    const authenticator = createAuthenticator({ counts: false });
    expect(await register(authenticator, home)).toBe(201);
    expect([await show(authenticator, home), await show(authenticator, home)]).toEqual([201, 201]);
  });

  test("of another page, another key, without the user verified, or copied, do not", async () => {
    expect(await register(createAuthenticator(), "https://turnpike.example.evil.test")).toBe("invalid_request");
    expect(await register(createAuthenticator({ verifies: false }), home)).toBe("invalid_request");
    const authenticator = createAuthenticator();
    expect(await register(authenticator, home)).toBe(201);
    expect(await show(createAuthenticator(), home)).toBe("permission_denied");
    expect(await show(authenticator, "https://evil.test")).toBe("permission_denied");
    const copy = authenticator.copy();
    expect([await show(authenticator, home), await show(copy, home)]).toEqual([201, "permission_denied"]);
  });

  test("of one administrator are none of another's", async () => {
    const authenticator = createAuthenticator();
    await register(authenticator, home);
    const other = await makeAdmin(server, "admin");
    const { challenge_id, options } = await json(other.request("POST", "/session/passkey"));
    const passkey = { challenge_id, response: authenticator.get(options, home) };
    expect(await codeOf(other.request("POST", "/session/login", { passkey }))).toBe("permission_denied");
    const asked = await json(admin.request("POST", "/session/passkey"));
    const stolen = { challenge_id: asked.challenge_id, response: authenticator.get(asked.options, home) };
    expect(await codeOf(other.request("POST", "/session/login", { passkey: stolen }))).toBe("permission_denied");
  });
});

describe("delicate changes", () => {
  test("need a proof that is not old, which renews the session's token", async () => {
    const { secret } = await enrolTotp();
    const session = await signIn({ code: now(secret) });
    expect(await codeOf(session.request("POST", "/admins", { name: "x", role: "viewer" }))).toBe(201);
    server.clock.advance(16 * 60_000);
    expect(await codeOf(session.request("GET", "/admins"))).toBe(200);
    expect(await codeOf(session.request("POST", "/admins", { name: "y", role: "viewer" }))).toBe(
      "second_factor_required",
    );
    const { token } = await json<{ token: string }>(session.request("POST", "/session/verify", { code: now(secret) }));
    expect(await codeOf(session.request("GET", "/keys"))).toBe("invalid_api_key");
    const renewed = by(server, admin.id, token);
    expect(await codeOf(renewed.request("POST", "/admins", { name: "y", role: "viewer" }))).toBe(201);
  });
});

test("an owner takes lost factors away, and the sessions with them", async () => {
  const { secret } = await enrolTotp();
  const session = await signIn({ code: now(secret) });
  expect(await codeOf(server.request("POST", `/admins/${admin.id}/reset-second-factors`))).toBe(200);
  expect(await codeOf(session.request("GET", "/keys"))).toBe("invalid_api_key");
  expect((await json(admin.request("GET", "/me"))).second_factor).toMatchObject({ enrolled: false });
});
