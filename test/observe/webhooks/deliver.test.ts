// Webhooks as they are sent: real sockets, and the specification's own library as the receiver's check.
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDeliver, type Deliver, isPublicAddress, urlProblem } from "../../../src/observe/webhooks/deliver.ts";
import { type Resolve, undiciPost } from "../../../src/observe/webhooks/post.undici.ts";
import { isWebhookSecret, newWebhookSecret, signatureHeaders } from "../../../src/observe/webhooks/sign.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let received: Received[];
let answer: { status: number; headers?: Record<string, string> } | "never";
let url: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  received = [];
  answer = { status: 204 };
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
    if (answer !== "never") response.writeHead(answer.status, answer.headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  for (const close of closing.splice(0)) await close();
});

interface Options {
  readonly allowPrivate: boolean;
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
}

function deliverer({ allowPrivate, resolve, timeoutMs = 5_000 }: Options): Deliver {
  const { post, close } = undiciPost({ allowPrivate, timeoutMs, ...(resolve && { resolve }) });
  closing.push(close);
  return createDeliver({ post, allowPrivate, now: Date.now });
}

const answers =
  (...addresses: string[]): Resolve =>
  (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

const event = { id: "evt_1", body: JSON.stringify({ type: "test", data: { text: "ü" } }) };

describe("a webhook's signature", () => {
  test("is verified by the specification's own library, with the old and the new secret in an overlap", async () => {
    const [before, now, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    expect(await deliverer({ allowPrivate: true })(url, [now, before], event)).toEqual({
      kind: "delivered",
      status: 204,
    });
    const { body, headers, path } = received[0] as Received;
    expect(path).toBe("/hook?x=1");
    const signed = headers as Record<string, string>;
    for (const secret of [before, now])
      expect(new Webhook(secret).verify(body, signed)).toMatchObject({ type: "test" });
    expect(() => new Webhook(other).verify(body, signed)).toThrow("No matching signature");
    expect(() => new Webhook(now).verify(`${body} `, signed)).toThrow("No matching signature");
    expect(() => new Webhook(now).verify(body, { ...signed, "webhook-id": "evt_2" })).toThrow("No matching signature");
  });

  test("is the one of the specification's example library, to the byte", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const at = new Date("2026-03-01T12:00:00Z");
    const { "webhook-signature": signature } = signatureHeaders({ id: "msg_1", atMs: at.getTime(), body: "{}" }, [
      secret,
    ]);
    expect(signature).toBe(new Webhook(secret).sign("msg_1", at, "{}"));
  });

  test("is made with a secret of its form", () => {
    expect(isWebhookSecret(newWebhookSecret())).toBe(true);
    for (const text of ["whsec_", "whsec_c2hvcnQ=", `sec_${newWebhookSecret().slice(6)}`, "whsec_!!!!"]) {
      expect(isWebhookSecret(text)).toBe(false);
    }
  });
});

describe("a delivery", () => {
  test("fails on an answer that is not 2xx, and tells what the receiver asked for", async () => {
    const deliver = deliverer({ allowPrivate: true });
    answer = { status: 503, headers: { "retry-after": "7" } };
    expect(await deliver(url, [newWebhookSecret()], event)).toMatchObject({
      kind: "failed",
      status: 503,
      gone: false,
      retryAfterMs: 7_000,
    });
    answer = { status: 410 };
    expect(await deliver(url, [newWebhookSecret()], event)).toMatchObject({ status: 410, gone: true });
  });

  test("follows no redirect", async () => {
    answer = { status: 307, headers: { location: url.replace("/hook", "/elsewhere") } };
    expect(await deliverer({ allowPrivate: true })(url, [newWebhookSecret()], event)).toMatchObject({
      kind: "failed",
      status: 307,
    });
    expect(received.map(({ path }) => path)).toEqual(["/hook?x=1"]);
  });

  test("ends when the receiver does not answer in time", async () => {
    answer = "never";
    const ended = await deliverer({ allowPrivate: true, timeoutMs: 100 })(url, [newWebhookSecret()], event);
    expect(ended).toMatchObject({ kind: "failed", status: null, reason: expect.stringContaining("within 100 ms") });
  });

  test("goes to exactly the address that was resolved", async () => {
    const deliver = deliverer({ allowPrivate: true, resolve: answers("127.0.0.1") });
    const ended = await deliver(url.replace("127.0.0.1", "hooks.invalid"), [newWebhookSecret()], event);
    expect(ended.kind).toBe("delivered");
    expect(received[0]?.headers.host).toContain("hooks.invalid");
  });

  test.each([
    ["127.0.0.1"],
    ["93.184.216.34", "127.0.0.1"],
    ["10.0.0.7"],
    ["169.254.169.254"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
  ])("does not go to a name that leads to %s, %s", async (...addresses) => {
    const deliver = deliverer({
      allowPrivate: false,
      resolve: answers(...addresses.filter((one) => one !== undefined)),
    });
    expect(await deliver("https://hooks.example/x", [newWebhookSecret()], event)).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("private"),
    });
    expect(received).toEqual([]);
  });

  test("does not go to this machine by its name", async () => {
    const port = new URL(url).port;
    const ended = await deliverer({ allowPrivate: false })(`https://localhost:${port}/`, [newWebhookSecret()], event);
    expect(ended).toMatchObject({ kind: "failed", reason: expect.stringContaining("private") });
  });
});

describe("a webhook's URL", () => {
  test.each([
    "http://example.com/",
    "ftp://example.com/",
    "https://user:password@example.com/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:7f00:1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://0.0.0.0/",
    "https://100.64.0.1/",
    "example.com",
  ])("%s is refused", (text) => {
    expect(urlProblem(text, { allowPrivate: false })).not.toBeNull();
  });

  test("may be public and encrypted, or anything of HTTP where private ones are allowed", () => {
    expect(urlProblem("https://hooks.example.com:8443/turnpike?team=a", { allowPrivate: false })).toBeNull();
    expect(urlProblem("https://93.184.216.34/", { allowPrivate: false })).toBeNull();
    expect(urlProblem("http://10.0.0.7/hook", { allowPrivate: true })).toBeNull();
    expect(urlProblem("ftp://10.0.0.7/hook", { allowPrivate: true })).not.toBeNull();
  });

  test("leads to the public internet by its address alone", () => {
    for (const address of ["8.8.8.8", "2606:4700::1111"]) expect(isPublicAddress(address)).toBe(true);
    for (const address of ["192.168.1.1", "::7f00:1", "fc00::1", "fec0::1", "2002:7f00:1::", "224.0.0.1", "name"]) {
      expect(isPublicAddress(address)).toBe(false);
    }
  });
});
