// Administrators of some customers or projects: they find, change and count what is theirs, and nothing else.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleCall, sampleSettlement } from "../store/samples.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";
import { type Admin, makeAdmin } from "../support/administrators.ts";

let server: AdminServer;
/** Of the customer acme, of its project lab alone, and of acme by a role's scope. */
let acme: Admin;
let lab: Admin;
const keys: Record<string, { id: string; key: string }> = {};

const codeOf = async (answer: Promise<Response>): Promise<unknown> => {
  const got = await answer;
  return got.ok ? got.status : (await errorOf(got)).code;
};
const listed = async (answer: Promise<Response>): Promise<Record<string, unknown>[]> =>
  ((await (await answer).json()) as { data: Record<string, unknown>[] }).data;

beforeAll(async () => {
  server = await startAdmin();
  acme = await makeAdmin(server, "admin", { scope: [{ customer: "acme" }] });
  lab = await makeAdmin(server, "admin", { scope: [{ customer: "acme", project: "lab" }] });
  for (const [customer, project] of [
    ["acme", "shop"],
    ["acme", "lab"],
    ["umbrella", "shop"],
  ] as const) {
    const made = await server.request("POST", "/keys", { name: `${customer}-${project}`, customer, project });
    keys[`${customer}/${project}`] = (await made.json()) as { id: string; key: string };
    await server.request("POST", "/projects", { customer, id: project });
    const id = `req_${customer}_${project}`;
    const keyId = keys[`${customer}/${project}`]?.id ?? "";
    await server.store.calls.append({
      opened: [sampleCall({ id, customer, project, keyId, openedAtMs: server.clock.now() - 1_000 })],
      settled: [sampleSettlement({ id, settledAtMs: server.clock.now() })],
    });
    await server.store.alerts.raise({
      id: `alert_${customer}_${project}`,
      kind: "budget",
      subject: `project:${customer}/${project} month 2026-11-01 80%`,
      message: "",
      count: 1,
      firstAtMs: 1,
      lastAtMs: 1,
    });
  }
  for (const id of ["acme", "umbrella"]) {
    await server.request("POST", "/customers", { id });
    await server.request("POST", `/customers/${id}/credits`, { kind: "top_up", usd: "5" });
  }
});
afterAll(() => server.close());

describe("lists", () => {
  test("hold what is within the scope", async () => {
    const seen = async (admin: Admin) => ({
      keys: (await listed(admin.request("GET", "/keys"))).map(({ name }) => name).sort(),
      customers: (await listed(admin.request("GET", "/customers"))).map(({ id }) => id),
      projects: (await listed(admin.request("GET", "/projects"))).map(({ customer, id }) => `${customer}/${id}`),
      ledger: (await listed(admin.request("GET", "/ledger"))).map(({ customer }) => customer),
      usage: (await listed(admin.request("GET", "/usage?group_by=customer,project"))).map(
        ({ customer, project }) => `${customer}/${project}`,
      ),
      alerts: (await listed(admin.request("GET", "/alerts"))).map(({ id }) => id),
    });
    expect(await seen(acme)).toEqual({
      keys: ["acme-lab", "acme-shop"],
      customers: ["acme"],
      projects: ["acme/lab", "acme/shop"],
      ledger: ["acme"],
      usage: ["acme/lab", "acme/shop"],
      alerts: ["alert_acme_shop", "alert_acme_lab"],
    });
    expect(await seen(lab)).toEqual({
      keys: ["acme-lab"],
      customers: [],
      projects: ["acme/lab"],
      ledger: [],
      usage: ["acme/lab"],
      alerts: ["alert_acme_lab"],
    });
  });

  test("can't be widened by asking", async () => {
    expect(await listed(acme.request("GET", "/keys?customer=umbrella"))).toEqual([]);
    expect(await listed(acme.request("GET", "/usage?group_by=key&customer=umbrella"))).toEqual([]);
    expect(await listed(acme.request("GET", `/usage?group_by=key&key=${keys["umbrella/shop"]?.id}`))).toEqual([]);
    expect(await listed(acme.request("GET", "/ledger?customer=umbrella"))).toEqual([]);
    expect(await listed(lab.request("GET", "/keys?project=shop"))).toEqual([]);
  });
});

describe("what is others'", () => {
  test("is not there, whatever is done to it", async () => {
    const id = keys["umbrella/shop"]?.id;
    const before = await (await server.request("GET", `/keys/${id}`)).json();
    const done = await Promise.all([
      codeOf(acme.request("GET", `/keys/${id}`)),
      codeOf(acme.request("PATCH", `/keys/${id}`, { name: "mine" })),
      codeOf(acme.request("GET", `/keys/${id}/secrets`)),
      codeOf(acme.request("POST", `/keys/${id}/rotate`)),
      codeOf(acme.request("POST", `/keys/${id}/end-overlap`)),
      codeOf(acme.request("POST", `/keys/${id}/suspend`)),
      codeOf(acme.request("POST", `/keys/${id}/revoke`)),
      codeOf(acme.request("DELETE", `/keys/${id}`)),
      codeOf(acme.request("GET", "/customers/umbrella")),
      codeOf(acme.request("PATCH", "/customers/umbrella", { name: "x" })),
      codeOf(acme.request("DELETE", "/customers/umbrella")),
      codeOf(acme.request("PATCH", "/customers/umbrella/pricing", { price_percent: "1" })),
      codeOf(acme.request("GET", "/projects/umbrella/shop")),
      codeOf(acme.request("PATCH", "/projects/umbrella/shop", { name: "x" })),
      codeOf(acme.request("DELETE", "/projects/umbrella/shop")),
      codeOf(acme.request("POST", "/alerts/alert_umbrella_shop/acknowledge")),
      codeOf(lab.request("GET", "/customers/acme")),
      codeOf(lab.request("GET", `/keys/${keys["acme/shop"]?.id}`)),
    ]);
    expect(new Set(done)).toEqual(new Set(["not_found"]));
    expect(await (await server.request("GET", `/keys/${id}`)).json()).toEqual(before);
  });

  test("is not made, nor paid for", async () => {
    const done = await Promise.all([
      codeOf(acme.request("POST", "/keys", { name: "x", customer: "umbrella" })),
      codeOf(lab.request("POST", "/keys", { name: "x", customer: "acme", project: "shop" })),
      codeOf(acme.request("POST", "/customers", { id: "initech" })),
      codeOf(acme.request("POST", "/projects", { customer: "umbrella", id: "x" })),
      codeOf(acme.request("GET", "/customers/umbrella/credits")),
      codeOf(acme.request("POST", "/customers/umbrella/credits", { kind: "top_up", usd: "1" })),
      codeOf(lab.request("POST", "/customers/acme/credits", { kind: "top_up", usd: "1" })),
      codeOf(acme.request("POST", "/policy-templates", { name: "x", policy: {} })),
    ]);
    expect(new Set(done)).toEqual(new Set(["permission_denied"]));
  });

  test("is met by no change of many", async () => {
    const umbrella = keys["umbrella/shop"];
    const ids = [umbrella?.id, keys["acme/shop"]?.id];
    const bulk = await acme.request("POST", "/keys/bulk", { action: "suspend", ids });
    expect(await bulk.json()).toMatchObject({ ids: [keys["acme/shop"]?.id], missing: [umbrella?.id] });
    const all = await acme.request("POST", "/keys/bulk", { action: "suspend", project: "shop" });
    expect(await all.json()).toMatchObject({ count: 0 });
    const leaked = await acme.request("POST", "/keys/revoke-leaked", { secrets: [umbrella?.key] });
    expect(await leaked.json()).toMatchObject({ data: [{ result: "unknown", key_id: null }] });
    expect(await (await server.request("GET", `/keys/${umbrella?.id}`)).json()).toMatchObject({ status: "active" });
  });
});

describe("what is theirs", () => {
  test("they make, change and remove", async () => {
    const made = (await (await acme.request("POST", "/keys", { name: "own", customer: "acme" })).json()) as {
      id: string;
    };
    expect(await codeOf(acme.request("PATCH", `/keys/${made.id}`, { name: "renamed" }))).toBe(200);
    expect(await codeOf(acme.request("POST", `/keys/${made.id}/rotate`))).toBe(200);
    expect(await codeOf(acme.request("DELETE", `/keys/${made.id}`))).toBe(200);
    expect(await codeOf(acme.request("POST", "/customers/acme/credits", { kind: "top_up", usd: "1" }))).toBe(201);
    expect(await codeOf(acme.request("POST", "/alerts/alert_acme_shop/acknowledge"))).toBe(200);
  });

  test("a repeated request is answered as the first was", async () => {
    const again = () => acme.request("POST", "/keys", { name: "once", customer: "acme" }, { "idempotency-key": "k1" });
    const [first, second] = [await again(), await again()];
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(((await second.json()) as { id: string }).id).toBe(((await first.json()) as { id: string }).id);
  });
});

describe("other administrators", () => {
  test("are seen and made within the scope alone", async () => {
    expect((await listed(acme.request("GET", "/admins"))).map(({ id }) => id).sort()).toEqual([acme.id, lab.id].sort());
    expect(await codeOf(acme.request("GET", "/admins/adm_test"))).toBe("not_found");
    const request = { name: "x", role: "viewer" };
    expect(await codeOf(acme.request("POST", "/admins", request))).toBe("permission_denied");
    expect(await codeOf(acme.request("POST", "/admins", { ...request, scope: [{ customer: "umbrella" }] }))).toBe(
      "permission_denied",
    );
    expect(await codeOf(lab.request("POST", "/admins", { ...request, scope: [{ customer: "acme" }] }))).toBe(
      "permission_denied",
    );
    expect(
      await codeOf(acme.request("POST", "/admins", { ...request, scope: [{ customer: "acme", project: "shop" }] })),
    ).toBe(201);
  });

  test("a role's scope and a holder's are narrowed to what both have", async () => {
    const scope = [{ customer: "acme" }, { customer: "umbrella" }];
    await server.request("POST", "/roles", { name: "support", permissions: ["keys:read"], scope });
    const holder = await makeAdmin(server, "support", { scope: [{ customer: "umbrella" }, { customer: "initech" }] });
    expect((await listed(holder.request("GET", "/keys"))).map(({ customer }) => customer)).toEqual(["umbrella"]);
  });
});
