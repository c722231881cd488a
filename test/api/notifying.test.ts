// Operators hear of it in time: a gateway with a webhook, over real sockets, through a restart.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

let gateway: Gateway;
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
  gateway = await startGateway({
    env: { TURNPIKE_SANDBOX: "on", TURNPIKE_WEBHOOKS_PRIVATE: "on", TURNPIKE_LOG_LEVEL: "silent" },
  });
});

afterEach(async () => {
  await gateway.close();
  await receiver.close();
});

const admin: Gateway["manage"] = (...asked) => gateway.manage(...asked);

const types = () => receiver.events.map(({ type }) => type);
const waiting = { timeout: 10_000 };

test("a key that leaks is told of to a webhook, signed, once, with the alert as the admin surface shows it", async () => {
  const { secret } = (await admin("POST", "/webhooks", { url: receiver.url, events: ["alert.*.opened"] })) as {
    secret: string;
  };
  const { key, id } = (await admin("POST", "/keys", { name: "checkout", customer: "acme" })) as {
    key: string;
    id: string;
  };
  await admin("POST", "/keys/revoke-leaked", { secrets: [key] });
  await admin("POST", "/keys/revoke-leaked", { secrets: [key] });
  await expect.poll(types, waiting).toEqual(["alert.key_leaked.opened"]);
  const [event] = receiver.events;
  expect(event !== undefined && receiver.verifies(event, secret)).toBe(true);
  const { data } = (await admin("GET", "/alerts")) as { data: Record<string, unknown>[] };
  expect(data).toMatchObject([{ kind: "key_leaked", subject: id, count: 2, status: "open" }]);
  expect(event?.data).toMatchObject({
    id: data[0]?.id,
    kind: "key_leaked",
    subject: id,
    message: data[0]?.message,
    status: "open",
  });
  expect(types()).toHaveLength(1);
});

test("what a receiver did not take while it was away is delivered after a restart of the gateway", async () => {
  const { id } = await admin("POST", "/webhooks", { url: receiver.url });
  receiver.answer = 503;
  const { key } = await admin("POST", "/keys", { name: "n", customer: "acme" });
  await admin("POST", "/keys/revoke-leaked", { secrets: [key] });
  await expect.poll(types, waiting).toHaveLength(1);
  gateway = await gateway.restart();
  receiver.answer = 204;
  const deliveries = async () =>
    ((await admin("GET", `/webhooks/${id}/deliveries`)) as { data: { status: string }[] }).data.map(
      ({ status }) => status,
    );
  await expect.poll(deliveries, { timeout: 15_000 }).toEqual(["delivered"]);
  expect(new Set(receiver.events.map((event) => event.id)).size).toBe(1);
}, 30_000);
