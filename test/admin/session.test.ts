// Sessions in browsers: cookies that other pages can't use, ends that hold, and nothing that somebody else could have prepared.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";
import { by, makeAdmin } from "../support/administrators.ts";
import { type Browser, openBrowser } from "../support/browser.ts";

let server: AdminServer;
let browser: Browser;
beforeEach(async () => {
  server = await startAdmin();
  browser = openBrowser();
});
afterEach(() => server.close());

const at = (path: string): string => `${server.url}/admin/v1${path}`;

async function signIn(key = server.adminKey): Promise<{ csrf: string; id: string }> {
  const answer = await browser.fetch(at("/session/login"), {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
  });
  expect(answer.status).toBe(201);
  const { csrf_token: csrf, id } = (await answer.json()) as { csrf_token: string; id: string };
  return { csrf, id };
}

/** A change that a page of this origin makes. */
async function change(headers: Record<string, string>, path = "/keys", method = "POST"): Promise<unknown> {
  const body = method === "POST" ? JSON.stringify({ name: "k", customer: "acme" }) : undefined;
  const answer = await browser.fetch(at(path), {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body }),
  });
  return answer.ok ? answer.status : (await errorOf(answer)).code;
}

describe("the cookie", () => {
  test("is out of reach of scripts and of other sites", async () => {
    await signIn();
    expect(browser.received.at(-1)).toMatch(/^turnpike_session=tp_session_\w+; /);
    expect(browser.received.at(-1)).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test("belongs to this host alone and travels encrypted, where there is HTTPS", async () => {
    await server.close();
    server = await startAdmin(":memory:", { publicUrl: "https://turnpike.example" });
    await signIn();
    expect(browser.received.at(-1)).toMatch(/^__Host-turnpike_session=/);
    expect(browser.received.at(-1)).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(browser.received.at(-1)).not.toMatch(/domain=/i);
    expect((await browser.fetch(at("/keys"))).status).toBe(200);
  });

  test("serves in no header, and a bearer's token in no cookie", async () => {
    await signIn();
    const cookie = browser.cookies(server.url).get("turnpike_session") ?? "";
    expect((await by(server, "", cookie).request("GET", "/keys")).status).toBe(401);
    const opened = await server.request("POST", "/session/login", { as: "token" });
    expect(opened.headers.getSetCookie()).toEqual([]);
    const { token } = (await opened.json()) as { token: string };
    expect((await by(server, "", token).request("GET", "/keys")).status).toBe(200);
    expect((await fetch(at("/keys"), { headers: { cookie: `turnpike_session=${token}` } })).status).toBe(401);
  });

  test("counts for nothing beside a key", async () => {
    await signIn();
    const viewer = await makeAdmin(server, "viewer");
    const me = await browser.fetch(at("/me"), { headers: { authorization: `Bearer ${viewer.key}` } });
    expect(await me.json()).toMatchObject({ id: viewer.id, session: null });
  });

  test("is not in the database, nor is the token in an answer", async () => {
    await signIn();
    const token = browser.cookies(server.url).get("turnpike_session") ?? "";
    const shown = await (await browser.fetch(at("/me/sessions"))).text();
    expect(shown).not.toContain(token);
    const [session] = await server.store.sessions.list("adm_test");
    expect(JSON.stringify(session)).not.toContain(token.slice(12));
  });
});

describe("a change in a browser's session", () => {
  test("needs the page's own origin and the token that only such a page can read", async () => {
    const { csrf } = await signIn();
    const own = { "x-turnpike-csrf": csrf };
    expect(await change({ ...own, "sec-fetch-site": "same-origin" })).toBe(201);
    expect(await change({ ...own, origin: server.url })).toBe(201);
    const refused = [
      await change({}),
      await change(own),
      await change({ "sec-fetch-site": "same-origin" }),
      await change({ origin: server.url }),
      await change({ ...own, "sec-fetch-site": "cross-site" }),
      await change({ ...own, "sec-fetch-site": "same-site" }),
      await change({ ...own, "sec-fetch-site": "none" }),
      await change({ ...own, "sec-fetch-site": "cross-site", origin: server.url }),
      await change({ ...own, origin: "https://evil.test" }),
      await change({ ...own, origin: "null" }),
      await change({ "x-turnpike-csrf": `${csrf.slice(0, -1)}0`.replace(csrf, "0"), origin: server.url }),
      await change({ origin: "https://evil.test" }, "/session", "DELETE"),
    ];
    expect(new Set(refused)).toEqual(new Set(["origin_not_allowed"]));
    expect((await browser.fetch(at("/keys"))).status).toBe(200);
  });

  test("takes no other session's token", async () => {
    const { csrf } = await signIn();
    browser = openBrowser();
    await signIn();
    expect(await change({ "x-turnpike-csrf": csrf, "sec-fetch-site": "same-origin" })).toBe("origin_not_allowed");
  });
});

describe("a session", () => {
  test("is of no use after signing out, whoever copied it", async () => {
    const { csrf } = await signIn();
    const stolen = `turnpike_session=${browser.cookies(server.url).get("turnpike_session")}`;
    expect((await fetch(at("/keys"), { headers: { cookie: stolen } })).status).toBe(200);
    expect(await change({ "x-turnpike-csrf": csrf, "sec-fetch-site": "same-origin" }, "/session", "DELETE")).toBe(200);
    expect(browser.cookies(server.url).has("turnpike_session")).toBe(false);
    expect((await fetch(at("/keys"), { headers: { cookie: stolen } })).status).toBe(401);
  });

  test("ends by silence, and by age however busy", async () => {
    await signIn();
    for (let minute = 0; minute < 12 * 60; minute += 29) {
      expect((await browser.fetch(at("/me"))).status).toBe(200);
      server.clock.advance(29 * 60_000);
    }
    expect((await browser.fetch(at("/me"))).status).toBe(401);
    browser = openBrowser();
    await signIn();
    server.clock.advance(30 * 60_000);
    expect((await browser.fetch(at("/me"))).status).toBe(401);
  });

  test("is always a new one: what was in the browser before is not gone on with", async () => {
    const planted = `tp_session_${"A".repeat(49)}`;
    const answer = await fetch(at("/session/login"), {
      method: "POST",
      headers: { authorization: `Bearer ${server.adminKey}`, cookie: `turnpike_session=${planted}` },
    });
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^turnpike_session=tp_session_/);
    expect(cookie).not.toContain(planted);
    await signIn();
    const first = browser.cookies(server.url).get("turnpike_session");
    await signIn();
    expect(browser.cookies(server.url).get("turnpike_session")).not.toBe(first);
  });

  test("is listed and ended by its owner, and by who may change administrators", async () => {
    const viewer = await makeAdmin(server, "viewer");
    const { id } = await signIn(viewer.key);
    const other = await makeAdmin(server, "viewer");
    expect((await other.request("DELETE", `/me/sessions/${id}`)).status).toBe(404);
    const mine = (await (await viewer.request("GET", "/me/sessions")).json()) as { data: unknown[] };
    expect(mine.data).toMatchObject([{ id, kind: "cookie", method: "key", address: "127.0.0.1", current: false }]);
    expect((await viewer.request("DELETE", `/me/sessions/${id}`)).status).toBe(200);
    expect((await browser.fetch(at("/me"))).status).toBe(401);
    await signIn(viewer.key);
    expect(await (await server.request("DELETE", `/admins/${viewer.id}/sessions`)).json()).toMatchObject({ ended: 1 });
    expect((await browser.fetch(at("/me"))).status).toBe(401);
  });

  test("ends with its administrator: suspended, expired, or from where it may not come", async () => {
    const viewer = await makeAdmin(server, "viewer");
    await signIn(viewer.key);
    await server.request("PATCH", `/admins/${viewer.id}`, { ip_deny: ["127.0.0.1"] });
    expect((await browser.fetch(at("/me"))).status).toBe(403);
    await server.request("PATCH", `/admins/${viewer.id}`, { ip_deny: [] });
    expect((await browser.fetch(at("/me"))).status).toBe(200);
    await server.request("POST", `/admins/${viewer.id}/suspend`);
    expect((await browser.fetch(at("/me"))).status).toBe(401);
  });

  test("is told to the trail when it begins and when somebody ends it", async () => {
    const { csrf, id } = await signIn();
    await change({ "x-turnpike-csrf": csrf, "sec-fetch-site": "same-origin" }, "/session", "DELETE");
    const rows = (await server.store.audit.scan(0, 100)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(rows).toMatchObject([
      { action: "admin.login", outcome: "success", actor: { id: "adm_test" }, after: { method: "key", session: id } },
      { action: "session.revoke", outcome: "success", target: { type: "session", id } },
    ]);
  });
});
