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
    expect(await errorOf(await server.request("POST", "/keys", ""))).toMatchObject({ status: 400, param: "name" });
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
