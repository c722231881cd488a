// The link between a keeper and a worker, over a real socket.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { type Link, openLink } from "../../src/workers/link.node.ts";
import { pack, unpack } from "../../src/workers/packed.node.ts";

interface Other {
  double(value: number): number;
  later(value: string): Promise<string>;
  refuse(value: null): void;
  note(value: string): void;
  silence(value: null): Promise<never>;
}

const noted: string[] = [];
const troubles: unknown[] = [];
const other: Other = {
  double: (value) => 2 * value,
  later: async (value) => `${value}, later`,
  refuse: () => {
    throw new GatewayError("budget_exceeded", "No more.", { status: 402, retryAfterMs: 5 });
  },
  note: (value) => {
    if (value === "") throw new Error("nothing to note");
    noted.push(value);
  },
  silence: () => new Promise(() => {}),
};

let sockets: readonly [Socket, Socket] | null = null;

async function linked(): Promise<Link<Other>> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const here = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [there] = await accepted;
  server.close();
  sockets = [here, there];
  openLink<object>(there, other, (error) => troubles.push(error));
  return openLink<Other>(here, {}, () => {});
}

afterEach(() => {
  for (const socket of sockets ?? []) socket.destroy();
  noted.length = 0;
  troubles.length = 0;
});

describe("a link", () => {
  test("answers each question with its own answer, and hears what is told before", async () => {
    const link = await linked();
    link.tell("note", "first");
    const answers = await Promise.all([link.ask("later", "one"), link.ask("double", 21), link.ask("later", "two")]);
    expect(answers).toEqual(["one, later", 42, "two, later"]);
    expect(noted).toEqual(["first"]);
  });

  test("carries large and foreign texts whole, in many pieces", async () => {
    const link = await linked();
    const text = "Grüße, 世界 🌍\n".repeat(100_000);
    expect(await link.ask("later", text)).toBe(`${text}, later`);
  });

  test("brings the gateway's refusals as what they were", async () => {
    const link = await linked();
    const refused = await link.ask("refuse", null).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GatewayError);
    expect(refused).toMatchObject({ code: "budget_exceeded", status: 402, retryAfterMs: 5, message: "No more." });
  });

  test("tells of what was told in vain, and goes on", async () => {
    const link = await linked();
    link.tell("note", "");
    expect(await link.ask("double", 1)).toBe(2);
    expect(troubles).toHaveLength(1);
  });

  test("leaves nobody waiting when the other side is gone", async () => {
    const link = await linked();
    const waiting = link.ask("silence", null);
    sockets?.[1].destroy();
    await expect(waiting).rejects.toThrow("the other process is gone");
    await link.closed;
    await expect(link.ask("double", 1)).rejects.toThrow("the other process is gone");
  });
});

test("what JSON has no word for comes out of its pack as it went in", () => {
  const value = { nanos: 12_345_678_901_234_567_890n, at: new Map([["a", new Uint8Array([1, 2])]]), none: undefined };
  expect(unpack(pack(value))).toEqual(value);
});
