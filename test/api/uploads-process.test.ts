// What a process needs for uploads: memory that does not grow with them, and no file that outlives it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, type Fields, type FileUpstream, send, startFileUpstream } from "../support/uploads.ts";

const mebibyte = 1024 * 1024;

let upstream: FileUpstream;
let folder: string;
let gateway: ChildProcess;
let url: string;
let key: string;

beforeAll(async () => {
  upstream = await startFileUpstream();
  folder = mkdtempSync(join(tmpdir(), "turnpike-uploads-"));
  gateway = spawn(process.execPath, [new URL("../support/gateway-child.ts", import.meta.url).pathname], {
    env: {
      PORT: "0",
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_LOG_LEVEL: "error",
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${upstream.url}/openai`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = gateway.stdout === null ? [] : await once(gateway.stdout, "data");
  ({ url, key } = JSON.parse(String(line)) as { url: string; key: string });
});

afterAll(async () => {
  gateway.kill("SIGKILL");
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

const orders = ["before", "after"] as const;

function fieldsOf(size: number, order: (typeof orders)[number]): Fields {
  const fields: Fields = [
    ["model", "openai/whisper-1"],
    ["file", size],
  ];
  return order === "before" ? fields : fields.toReversed();
}

function transcribe(fields: Fields) {
  return send({ url: `${url}/v1/audio/transcriptions`, key, fields });
}

/** The most memory that the gateway has ever had, MiB. */
function peak(): number {
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${gateway.pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) / 1024;
}

// Linux tells what a process needs and holds open.
describe.skipIf(!existsSync("/proc/self/status"))("the process of a gateway", () => {
  test("a file of 200 MB goes through as it is, and the process needs no more memory for it than for one of 20", async () => {
    for (const order of orders) expect((await transcribe(fieldsOf(20 * mebibyte, order)).answer).status).toBe(200);
    const before = peak();
    const size = 200 * mebibyte;
    const digest = digestOf(size);
    for (const order of orders) {
      expect((await transcribe(fieldsOf(size, order)).answer).body).toEqual({ text: "Hello" });
      const taken = upstream.taken.at(-1);
      expect(taken?.file).toBe(digest);
      expect(taken?.head).toMatch(/name="model"\r\n\r\nwhisper-1\r\n/);
      expect(Number(taken?.headers["content-length"])).toBe(taken?.bytes);
    }
    expect(peak() - before).toBeLessThan(50);
  }, 60_000);

  test.each(orders)(
    "a file whose model stands %s it has no name on the disk, so a killed process leaves none",
    async (order) => {
      const blocked = new Promise<void>(() => {});
      let reached = (): void => {};
      const halfway = new Promise<void>((resolve) => {
        reached = resolve;
      });
      send({
        url: `${url}/v1/audio/transcriptions`,
        key,
        fields: fieldsOf(20 * mebibyte, order),
        before: (sentBytes) => {
          if (sentBytes < 10 * mebibyte) return;
          reached();
          return blocked;
        },
      });
      await halfway;
      while (!spooling()) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(readdirSync(join(folder, "uploads"))).toEqual([]);
    },
  );
});

/** Whether the gateway holds a file of the folder open. */
function spooling(): boolean {
  const descriptors = `/proc/${gateway.pid}/fd`;
  return readdirSync(descriptors).some((fd) => {
    try {
      return readlinkSync(join(descriptors, fd)).startsWith(join(folder, "uploads"));
    } catch {
      return false;
    }
  });
}
