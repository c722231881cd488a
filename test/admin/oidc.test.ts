// Signing in at an identity provider: a real one, over sockets, with everything that can go wrong on the way.
import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OidcSettings } from "../../src/signin/settings.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";
import { type Browser, openBrowser } from "../support/browser.ts";
import { type IdentityProvider, startIdentityProvider } from "../support/identity-provider.ts";

let idp: IdentityProvider;
let server: AdminServer;
let settings: OidcSettings;
let browser: Browser;

/** The gateway's address must be known to the provider, and the provider's to the gateway: the gateway is asked last. */
async function begin(over: Partial<OidcSettings> = {}, device = true): Promise<void> {
  const publicUrl = "http://turnpike.test";
  idp = await startIdentityProvider({ redirectUris: [`${publicUrl}/admin/v1/session/callback/corp`], device });
  idp.people.set("ann", { email: "ann@corp.test", email_verified: true, name: "Ann", groups: ["staff", "operators"] });
  idp.people.set("bob", { email: "bob@corp.test", email_verified: true, name: "Bob", groups: ["staff"] });
  idp.people.set("eve", { email: "eve@evil.test", email_verified: true, groups: [] });
  idp.person = "ann";
  settings = {
    name: "corp",
    issuer: idp.issuer,
    clientId: idp.clientId,
    clientSecret: idp.clientSecret,
    scopes: "openid profile email",
    groupsClaim: "groups",
    roles: [
      { group: "operators", role: "admin" },
      { group: "staff", role: "viewer" },
    ],
    defaultRole: null,
    domains: [],
    subjects: [],
    ...over,
  };
  server = await startAdmin(":memory:", { providers: [settings], publicUrl });
  browser = openBrowser();
}

beforeEach(() => begin());
afterEach(async () => {
  await server.close();
  await idp.close();
});

const at = (path: string): string => `${server.url}/admin/v1${path}`;
/** The test's gateway has another address than the one that browsers know it by. */
const home = "http://turnpike.test";
const here = (url: string): string => url.replace(home, server.url);

/** As far as the callback, which is not asked for yet. */
async function away(query = ""): Promise<string> {
  const { url } = await browser.go(at(`/session/login/corp${query}`), home);
  return here(url);
}

/** All the way; resolves to where it ends. */
async function signIn(query = ""): Promise<Response> {
  return browser.fetch(await away(query));
}

const me = async () => (await (await browser.fetch(at("/me"))).json()) as Record<string, unknown>;
/** Somebody else at the same browser, whom the provider does not know yet. */
function sitsDown(person: string): void {
  idp.person = person;
  browser.forget(idp.issuer);
}

const refused = async (): Promise<unknown> => (await errorOf(await signIn())).code;

describe("a login", () => {
  test("makes the administrator that the groups say, and a session", async () => {
    const back = await signIn("?return_to=/dashboard");
    expect([back.status, back.headers.get("location")]).toEqual([303, "/dashboard"]);
    expect(await me()).toMatchObject({ name: "Ann", email: "ann@corp.test", provider: "corp", role: "admin" });
    expect((await browser.fetch(at("/keys"))).status).toBe(200);
    const { data } = (await (await server.request("GET", "/admins")).json()) as { data: Record<string, unknown>[] };
    const ann = data.find(({ provider }) => provider === "corp");
    expect(ann).toMatchObject({ name: "Ann", hint: "", role: "admin" });
  });

  test("takes the first group that fits, anew each time, for the same administrator", async () => {
    await signIn();
    const { id } = await me();
    idp.people.set("ann", { name: "Ann B.", groups: ["staff"] });
    await signIn();
    expect(await me()).toMatchObject({ id, role: "viewer", name: "Ann B." });
  });

  test("reads groups from deep inside, as Keycloak has them", async () => {
    await server.close();
    await idp.close();
    await begin({ groupsClaim: "realm_access.roles" });
    idp.falsify = (claims) => ({ ...claims, realm_access: { roles: ["operators"] } });
    await signIn();
    expect(await me()).toMatchObject({ role: "admin" });
  });

  test("of somebody without a group is refused, and ends the sessions of who lost it", async () => {
    await signIn();
    idp.people.set("ann", { groups: [] });
    const second = openBrowser();
    const { url } = await second.go(at("/session/login/corp"), home);
    expect((await errorOf(await second.fetch(here(url)))).code).toBe("permission_denied");
    expect((await browser.fetch(at("/me"))).status).toBe(401);
    sitsDown("eve");
    expect(await refused()).toBe("permission_denied");
  });

  test("of another domain, of an address that nobody verified, or of another subject is refused", async () => {
    for (const over of [{ domains: ["corp.test"] }, { subjects: ["ann"] }]) {
      await server.close();
      await idp.close();
      await begin({ ...over, defaultRole: "viewer" });
      expect((await signIn()).status).toBe(303);
      sitsDown("eve");
      expect(await refused()).toBe("permission_denied");
    }
    await server.close();
    await idp.close();
    await begin({ domains: ["corp.test"] });
    idp.people.set("ann", { email: "ann@corp.test", email_verified: false, groups: ["operators"] });
    expect(await refused()).toBe("permission_denied");
  });

  test("of a suspended administrator is refused", async () => {
    await signIn();
    await server.request("POST", `/admins/${(await me()).id}/suspend`);
    expect(await refused()).toBe("key_suspended");
  });

  test("is told to the trail, refused or not", async () => {
    await signIn();
    sitsDown("eve");
    await signIn();
    const rows = (await server.store.audit.scan(0, 100)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    const logins = rows.filter(({ action }) => action === "admin.login");
    expect(logins).toMatchObject([
      { outcome: "success", actor: { type: "admin" } },
      { outcome: "denied", actor: { type: "anonymous" }, reason: "permission_denied" },
    ]);
  });
});

describe("what comes back is refused", () => {
  test("with another state, from another browser, a second time, or too late", async () => {
    const wrong = (await away()).replace(/state=[^&]+/, "state=other");
    expect((await errorOf(await browser.fetch(wrong))).code).toBe("invalid_request");
    const stolen = await away();
    expect((await errorOf(await openBrowser().fetch(stolen))).code).toBe("invalid_request");
    const once = await away();
    expect((await browser.fetch(once)).status).toBe(303);
    expect((await errorOf(await browser.fetch(once))).code).toBe("invalid_request");
    const late = await away();
    server.clock.advance(10 * 60_000);
    expect((await errorOf(await browser.fetch(late))).code).toBe("invalid_request");
  });

  test.each([
    ["another nonce", { nonce: "other" }],
    ["no nonce", { nonce: undefined }],
    ["another audience", { aud: "another-client" }],
    ["another issuer", { iss: "https://issuer.example" }],
    ["an end that has passed", { exp: Math.floor(Date.now() / 1_000) - 600 }],
    ["no subject", { sub: undefined }],
  ])("with %s", async (_, claims) => {
    idp.falsify = (real) => ({ ...real, ...claims });
    expect(await refused()).toBe("permission_denied");
    expect(browser.cookies(server.url).has("turnpike_session")).toBe(false);
  });

  test("signed with a key that the provider no longer has, while the new one is taken at once", async () => {
    expect((await signIn()).status).toBe(303);
    await idp.rotate();
    expect((await signIn()).status).toBe(303);
    idp.withOldKey = true;
    idp.falsify = (claims) => claims;
    expect(await refused()).toBe("permission_denied");
  });

  test("when the provider itself refused", async () => {
    const callback = (await away()).replace(/code=[^&]+/, "error=access_denied");
    expect((await errorOf(await browser.fetch(callback))).code).toBe("permission_denied");
  });
});

test("two first logins at the same time make one administrator", async () => {
  const browsers = [openBrowser(), openBrowser()];
  const back = await Promise.all(
    browsers.map(async (one) => one.fetch(here((await one.go(at("/session/login/corp"), home)).url))),
  );
  expect(back.map(({ status }) => status)).toEqual([303, 303]);
  expect((await server.store.admins.list()).filter(({ provider }) => provider === "corp")).toHaveLength(1);
});

test("nobody begins logins without end", async () => {
  const begun = [];
  for (let login = 0; login < 32; login++) begun.push((await browser.fetch(at("/session/login/other"))).status);
  expect([begun.at(0), begun.at(29), begun.at(-1)]).toEqual([404, 404, 429]);
});

test("a provider that is away is told of as such, and an unknown one is not there", async () => {
  await idp.close();
  expect(await errorOf(await browser.fetch(at("/session/login/corp")))).toMatchObject({ code: "gateway_overloaded" });
  expect(await errorOf(await browser.fetch(at("/session/login/other")))).toMatchObject({ code: "not_found" });
});

test.each(["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)"])(
  "nobody is sent on to %s",
  async (to) => {
    const answer = await browser.fetch(at(`/session/login/corp?return_to=${encodeURIComponent(to)}`));
    expect(answer.status).toBe(400);
  },
);

describe("the command line", () => {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const exchange = (code: string, with_ = verifier) =>
    fetch(at("/session/token"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code, verifier: with_ }),
    });

  test("gets a code on its own machine, and trades it for a token once", async () => {
    const back = await signIn(`?cli_port=4567&cli_challenge=${challenge}`);
    const to = new URL(back.headers.get("location") ?? "");
    expect(to.origin).toBe("http://127.0.0.1:4567");
    expect(browser.cookies(server.url).has("turnpike_session")).toBe(false);
    const code = to.searchParams.get("code") ?? "";
    const { token } = (await (await exchange(code)).json()) as { token: string };
    const answer = await server.request("GET", "/me", undefined, { authorization: `Bearer ${token}` });
    expect(await answer.json()).toMatchObject({ name: "Ann", session: { kind: "token" } });
    expect((await exchange(code)).status).toBe(400);
  });

  test("gets nothing for a code that it did not ask for", async () => {
    const back = await signIn(`?cli_port=4567&cli_challenge=${challenge}`);
    const code = new URL(back.headers.get("location") ?? "").searchParams.get("code") ?? "";
    expect((await exchange(code, randomBytes(32).toString("base64url"))).status).toBe(400);
  });

  test("signs in on another device", async () => {
    const ask = (path: string, body: unknown) =>
      fetch(at(path), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const device = (await (await ask("/session/device/corp", {})).json()) as Record<string, string>;
    const token = () => ask("/session/device/corp/token", { device_id: device.device_id });
    expect((await token()).status).toBe(202);
    await approve(device.verification_uri_complete ?? "");
    const opened = await token();
    expect(opened.status).toBe(201);
    const { token: bearer } = (await opened.json()) as { token: string };
    const answer = await server.request("GET", "/me", undefined, { authorization: `Bearer ${bearer}` });
    expect(await answer.json()).toMatchObject({ name: "Ann", role: "admin" });
    expect((await token()).status).toBe(400);
  });

  test("is told where a provider has no device login", async () => {
    await server.close();
    await idp.close();
    await begin({}, false);
    const answer = await fetch(at("/session/device/corp"), { method: "POST" });
    expect(await errorOf(answer)).toMatchObject({ code: "not_found" });
  });
});

/** What a person does on the other device: opens the page, confirms the code, signs in. */
async function approve(url: string): Promise<void> {
  const phone = openBrowser();
  let page = await (await phone.go(url)).response.text();
  for (let step = 0; step < 3; step++) {
    const fields = [...page.matchAll(/<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) return;
    const form = new URLSearchParams([...fields, ["confirm", "yes"]] as string[][]);
    const sent = await phone.fetch(new URL(action, url).href, { method: "POST", body: form });
    const to = sent.headers.get("location");
    page = to === null ? await sent.text() : await (await phone.go(new URL(to, url).href)).response.text();
  }
}
