// Webhooks as operators use them: made, changed, tried out, rotated, their deliveries read and sent again.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

let server: AdminServer;
let receiver: Receiver;

beforeEach(async () => {
  server = await startAdmin();
  receiver = await startReceiver();
});

afterEach(async () => {
  await server.close();
  await receiver.close();
});

type Body = Record<string, unknown>;

async function call(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  const response = await server.request(method, path, body, headers);
  return { status: response.status, body: (await response.json()) as Body };
}

async function made(over: Body = {}): Promise<{ readonly id: string; readonly secret: string }> {
  const { status, body } = await call("POST", "/webhooks", { url: receiver.url, ...over });
  expect(status).toBe(201);
  return body as { id: string; secret: string };
}

describe("a webhook", () => {
  test("shows its secret when it is made, and never again", async () => {
    const headers = { "idempotency-key": "once" };
    const first = await call(
      "POST",
      "/webhooks",
      { url: receiver.url, events: ["alert.*"], description: "ops" },
      headers,
    );
    expect(first.body).toMatchObject({
      object: "webhook",
      url: receiver.url,
      events: ["alert.*"],
      description: "ops",
      status: "active",
      secret: expect.stringMatching(/^whsec_/),
    });
    const { secret, ...shown } = first.body;
    const again = await call(
      "POST",
      "/webhooks",
      { url: receiver.url, events: ["alert.*"], description: "ops" },
      headers,
    );
    expect(again.body).toEqual(shown);
    expect((await call("GET", "/webhooks")).body).toMatchObject({ data: [shown], has_more: false });
    expect((await call("GET", `/webhooks/${shown.id}`)).body).toEqual(shown);
    const stored = await server.store.webhooks.get(String(shown.id));
    expect(Buffer.from(stored?.sealedSecret ?? []).includes(String(secret))).toBe(false);
  });

  test("is changed member by member, and removed", async () => {
    const { id } = await made();
    const off = await call("PATCH", `/webhooks/${id}`, { status: "disabled", events: ["alert.disk_full.*"] });
    expect(off).toMatchObject({
      status: 200,
      body: { status: "disabled", events: ["alert.disk_full.*"], url: receiver.url },
    });
    expect((await call("DELETE", `/webhooks/${id}`)).body).toEqual({ id, object: "webhook", deleted: true });
    for (const [method, path] of [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/test"],
      ["GET", "/deliveries"],
      ["POST", "/rotate"],
      ["POST", "/deliveries/whd_x/resend"],
    ] as const) {
      const body = method === "PATCH" || path === "/rotate" ? {} : undefined;
      expect((await call(method, `/webhooks/${id}${path}`, body)).status).toBe(404);
    }
  });

  test.each([
    [{}, null],
    [{ url: "nonsense" }, "url"],
    [{ url: "ftp://example.com" }, "url"],
    [{ url: "https://a:b@example.com" }, "url"],
    [{ url: "https://example.com", events: [] }, null],
    [{ url: "https://example.com", events: ["Has Spaces"] }, null],
    [{ url: "https://example.com", secret: "whsec_mine" }, null],
  ])("is refused as %j", async (body, param) => {
    const error = await errorOf(await server.request("POST", "/webhooks", body));
    expect(error).toMatchObject({ status: 400, code: "invalid_request", ...(param !== null && { param }) });
  });

  test("is tried out at once, signed, and told what its receiver said", async () => {
    const { id, secret } = await made({ events: ["alert.none"] });
    expect((await call("POST", `/webhooks/${id}/test`)).body).toEqual({
      object: "webhook_test",
      delivered: true,
      http_status: 204,
      failure: null,
    });
    const [event] = receiver.events;
    expect(event).toMatchObject({ type: "webhook.test", data: { webhook: id } });
    expect(event !== undefined && receiver.verifies(event, secret)).toBe(true);
    receiver.answer = 302;
    expect((await call("POST", `/webhooks/${id}/test`)).body).toMatchObject({
      delivered: false,
      http_status: 302,
      failure: "the receiver answered 302 and redirects are not followed",
    });
  });

  test("is signed with both secrets in a rotation's overlap, and with the new one alone after it", async () => {
    const { id, secret: before } = await made();
    const rotated = await call("POST", `/webhooks/${id}/rotate`, { overlap_hours: 1 });
    const now = String(rotated.body.secret);
    expect(now).not.toBe(before);
    expect(rotated.body.previous_secret_until).toBe(new Date(server.clock.now() + 3_600_000).toISOString());
    const verified = async (): Promise<boolean[]> => {
      await call("POST", `/webhooks/${id}/test`);
      const event = receiver.events.at(-1);
      if (event === undefined) throw new Error("nothing was received");
      return [before, now].map((secret) => receiver.verifies(event, secret));
    };
    expect(await verified()).toEqual([true, true]);
    server.clock.advance(3_600_001);
    expect(await verified()).toEqual([false, true]);
    expect((await call("GET", `/webhooks/${id}`)).body.previous_secret_until).toBeNull();
  });
});

test("deliveries are listed with what became of them, and dead ones are sent again", async () => {
  const { id } = await made();
  const { webhooks } = server.store;
  const atMs = server.clock.now();
  const event = {
    id: "evt_1",
    type: "alert.disk_full.opened",
    body: '{"type":"alert.disk_full.opened","data":{}}',
    atMs,
  };
  const delivery = "whd_00000000000000000000000000";
  await webhooks.put(event, [{ id: delivery, webhookId: id }]);
  await webhooks.claim(atMs, atMs + 60_000, 1);
  await webhooks.settle(delivery, {
    state: "dead",
    nextAtMs: null,
    status: 500,
    reason: "the receiver answered 500",
    atMs,
  });
  const listed = await call("GET", `/webhooks/${id}/deliveries?status=dead`);
  expect(listed.body).toMatchObject({
    data: [
      {
        id: delivery,
        object: "webhook_delivery",
        webhook: id,
        event_id: "evt_1",
        event_type: "alert.disk_full.opened",
        event: { type: "alert.disk_full.opened", data: {} },
        status: "dead",
        tries: 1,
        next_try_at: null,
        last_http_status: 500,
        last_failure: "the receiver answered 500",
      },
    ],
  });
  expect((await call("POST", `/webhooks/${id}/deliveries/${delivery}/resend`)).body).toMatchObject({
    status: "pending",
  });
  await expect.poll(() => receiver.events.map(({ id }) => id)).toEqual(["evt_1"]);
  const states = async () =>
    ((await call("GET", `/webhooks/${id}/deliveries`)).body.data as Body[]).map((one) => one.status);
  await expect.poll(states).toEqual(["delivered"]);
  for (const query of ["?status=lost", "?cursor=x", "?limit=0"]) {
    expect((await call("GET", `/webhooks/${id}/deliveries${query}`)).status).toBe(400);
  }
});

test("there are fifty webhooks at the most", async () => {
  for (let nth = 0; nth < 50; nth++) await made();
  expect((await call("POST", "/webhooks", { url: receiver.url })).status).toBe(409);
});
