// Bodies of the admin surface: what is not sent is not missed where nothing need be said.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminDocument } from "../../src/admin/document.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

let server: AdminServer;
beforeAll(async () => {
  server = await startAdmin();
});
afterAll(() => server.close());

/** `POST` endpoints that can be asked without a body. */
const bodiless = Object.entries(adminDocument().paths ?? {})
  .flatMap(([path, { post }]) => (post?.requestBody === undefined ? [] : [{ path, body: post.requestBody }]))
  .filter(({ body }) => !("$ref" in body) && body.required !== true)
  .map(({ path }) => path.replaceAll(/\{\w+\}/g, "none"));

describe("a body that may be absent", () => {
  it.each(bodiless)("may be empty and called JSON: POST %s", async (path) => {
    const empty = await server.request("POST", path, "");
    const error = empty.ok ? null : await errorOf(empty);
    expect(error?.status).not.toBe(400);
  });

  it("is absent for an administrator of some customers too", async () => {
    const scope = [{ customer: "acme" }];
    const admin = { name: "limited", role: "admin", scope };
    const { key } = (await (await server.request("POST", "/admins", admin)).json()) as { key: string };
    const { id } = (await (await server.request("POST", "/keys", { name: "n", customer: "acme" })).json()) as {
      id: string;
    };
    const authorization = `Bearer ${key}`;
    expect((await server.request("POST", `/keys/${id}/rotate`, "", { authorization })).status).toBe(200);
  });

  it("is missed where something must be said, by the name of what is not said", async () => {
    for (const [path, param] of [
      ["/keys", "name"],
      ["/roles", "name"],
      ["/customers/acme/credits", "kind"],
    ] as const) {
      const error = await errorOf(await server.request("POST", path, ""));
      expect(error).toMatchObject({
        status: 400,
        param,
        message: expect.stringMatching(/must be given|expected top_up/),
      });
    }
  });
});

describe("a time in a body", () => {
  const name = "timed";
  const credential = { provider: "openai", name, value: "sk-0123456789abcdefghijklmn" };
  it.each([
    ["/keys", { name, customer: "acme" }],
    ["/admins", { name, role: "viewer" }],
    ["/credentials", credential],
    ["/customers/acme/credits", { kind: "top_up", usd: "1", create: true }],
  ])("may be a date, or a time in any zone, wherever something expires: POST %s", async (path, body) => {
    for (const expires_at of ["2100-01-01", "2100-01-01T01:00:00+01:00"]) {
      const value = `${credential.value}${expires_at.length}`;
      const made = await server.request("POST", path, { ...body, expires_at, ...(body === credential && { value }) });
      expect(await made.json()).toMatchObject({ expires_at: "2100-01-01T00:00:00.000Z" });
    }
    for (const [expires_at, message] of [
      ["tomorrow", "`expires_at`: expected a date or a time, such as 2027-12-31 or 2027-12-31T18:00:00Z."],
      ["2020-01-01", expect.stringMatching(/past/)],
    ])
      expect(await errorOf(await server.request("POST", path, { ...body, expires_at }))).toMatchObject({
        status: 400,
        param: "expires_at",
        message,
      });
  });
});

describe("hours of overlap", () => {
  it.each([
    ["/keys/key_none/rotate", {}],
    ["/admins/adm_none/rotate", {}],
    ["/me/rotate", {}],
    ["/webhooks/whk_none/rotate", {}],
    ["/credentials/cred_none/rotate", { value: "sk-x" }],
  ])("have the same bound and the same error wherever they are said: %s", async (path, body) => {
    const message = "`overlap_hours`: expected hours, from 0 to 2160.";
    for (const overlap_hours of [-1, 2161, "24"])
      expect(await errorOf(await server.request("POST", path, { ...body, overlap_hours }))).toMatchObject({
        status: 400,
        param: "overlap_hours",
        message,
      });
  });
});
