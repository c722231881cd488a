// `turnpike webhooks`, on a database of its own and with a receiver on a real socket.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

describe("turnpike webhooks", () => {
  let folder: string;
  let receiver: Receiver;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-cli-"));
    receiver = await startReceiver();
    expect((await turnpike("migrate")).code).toBe(0);
  });
  afterAll(async () => {
    await receiver.close();
    rmSync(folder, { recursive: true });
  });

  async function turnpike(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const said = { out: "", err: "" };
    const env = {
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_WEBHOOKS_PRIVATE: "on",
      TURNPIKE_LOG_LEVEL: "silent",
    };
    const code = await run(args, {
      env,
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
    });
    return { code, ...said };
  }
  const json = async (...args: string[]) => JSON.parse((await turnpike("webhooks", ...args, "--json")).out);

  it("makes a webhook, shows its secret once, tries it out, rotates, changes and removes it", async () => {
    const made = await json("add", receiver.url, "--events", "alert.*.opened", "webhook.test", "--description", "ops");
    expect(made).toMatchObject({
      events: ["alert.*.opened", "webhook.test"],
      secret: expect.stringMatching(/^whsec_/),
    });
    const { out } = await turnpike("webhooks", "list");
    expect(out).toContain(made.id);
    expect(out).not.toContain("whsec_");
    expect(await turnpike("webhooks", "test", made.id)).toMatchObject({
      code: 0,
      out: "Delivered: the receiver answered 204.\n",
    });
    const [event] = receiver.events;
    expect(event !== undefined && receiver.verifies(event, made.secret)).toBe(true);
    const turned = await json("rotate", made.id, "--overlap-hours", "0");
    await turnpike("webhooks", "test", made.id);
    const again = receiver.events.at(-1);
    expect(again && [made.secret, turned.secret].map((secret) => receiver.verifies(again, secret))).toEqual([
      false,
      true,
    ]);
    expect(await json("set", made.id, "--status", "disabled")).toMatchObject({ status: "disabled", url: receiver.url });
    expect((await json("deliveries", made.id)).data).toEqual([]);
    receiver.answer = 500;
    expect(await turnpike("webhooks", "test", made.id)).toMatchObject({
      code: 1,
      err: expect.stringContaining("answered 500"),
    });
    expect((await turnpike("webhooks", "remove", made.id)).code).toBe(0);
    expect((await turnpike("webhooks", "remove", made.id)).err).toContain("There is no webhook");
  });

  it("refuses what the admin surface refuses", async () => {
    expect((await turnpike("webhooks", "add", "nonsense")).err).toContain("expected a URL");
    expect((await turnpike("webhooks", "add", receiver.url, "--events", "No Such")).code).toBe(1);
    expect((await turnpike("webhooks", "resend", "whk_none", "whd_none")).err).toContain("There is no webhook");
  });
});
