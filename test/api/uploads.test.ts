// Files on their way through: in bounded memory, at the pace of whoever takes them, once more for another provider, and gone when
// anybody leaves.
import { createReadStream, existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import {
  answer,
  type Behaviour,
  digestOf,
  type Fields,
  type FileUpstream,
  read,
  type Sending,
  type SendOptions,
  send,
  sizeOf,
  startFileUpstream,
} from "../support/uploads.ts";

const mebibyte = 1024 * 1024;

let upstream: FileUpstream;
let gateway: Gateway;
let files: string;

beforeAll(async () => {
  upstream = await startFileUpstream();
  gateway = await startGateway({
    env: {
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${upstream.url}/openai`,
      GROQ_API_KEY: "groq-upstream-0123456789",
      GROQ_BASE_URL: `${upstream.url}/groq`,
      TURNPIKE_FIRST_BYTE_TIMEOUT_MS: "1500",
      TURNPIKE_MAX_ATTEMPTS: "2",
    },
  });
  files = mkdtempSync(join(tmpdir(), "turnpike-files-"));
});

afterEach(async () => {
  upstream.taken.length = 0;
  upstream.behaviours.length = 0;
  // Whatever happened to the call, nothing of its file is left.
  await until(() => spools() === 0);
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
  rmSync(files, { recursive: true, force: true });
});

/** Resolves when something is so; the test's own time-out is the limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Spools that this process holds open (where the system tells), and those that have a name. */
function spools(): number {
  const folder = join(gateway.folder, "uploads");
  const descriptors = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd") : [];
  const open = descriptors.filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  });
  return open.length + readdirSync(folder).length;
}

function transcribe(fields: Fields, more: Partial<SendOptions> = {}): Sending {
  return send({ url: `${gateway.url}/v1/audio/transcriptions`, key: gateway.key, fields, ...more });
}

interface Ledger {
  readonly status: string;
  readonly usage: { readonly audio_seconds: number } | null;
  readonly attempts: readonly { readonly provider: string; readonly result: string }[];
}

async function ledger(id: string | null): Promise<Ledger> {
  for (;;) {
    const response = await fetch(`${gateway.url}/v1/generations/${id}`, {
      headers: { authorization: `Bearer ${gateway.key}` },
    });
    const call = (await response.json()) as Ledger;
    if (response.ok && call.status !== "running") return call;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const early = (bytes: number): Fields => [
  ["model", "openai/whisper-1"],
  ["language", "en"],
  ["file", bytes],
];
const late = (bytes: number): Fields => [
  ["file", bytes],
  ["model", "openai/whisper-1"],
  ["language", "en"],
];

describe("an upload", () => {
  test("is sent on while it comes in, as soon as its model is known", async () => {
    let release = (): void => {};
    const half = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.behaviours.push(async (incoming, response, taken) => {
      await read(incoming, taken, 2 * mebibyte);
      // Only now the client sends the rest.
      release();
      await read(incoming, taken);
      answer(response, 200, { text: "Hello" });
    });
    const sending = transcribe(early(8 * mebibyte), {
      before: (sentBytes) => (sentBytes > 4 * mebibyte ? half : undefined),
    });
    expect((await sending.answer).status).toBe(200);
  });

  test("waits for a provider that does not read, and goes on with it", async () => {
    const size = 200 * mebibyte;
    let release = (): void => {};
    const reading = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.behaviours.push(async (incoming, response, taken) => {
      await reading;
      await read(incoming, taken);
      answer(response, 200, { text: "Hello" });
    });
    const fields = early(size);
    const sending = transcribe(fields);
    // Where nothing more goes, the client waits: most of the file is still its own.
    for (let last = -1; last !== sending.sentBytes || last === 0; ) {
      last = sending.sentBytes;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sending.sentBytes).toBeLessThan(size / 4);
    release();
    expect((await sending.answer).status).toBe(200);
    expect(sending.sentBytes).toBe(sizeOf(fields));
    expect(upstream.taken[0]).toMatchObject({ file: digestOf(size) });
  });

  test("whose sender pauses longer than a provider may is not the provider's failure", async () => {
    let paused = false;
    const sending = transcribe(early(4 * mebibyte), {
      before: async (sentBytes) => {
        if (paused || sentBytes < 3 * mebibyte) return;
        paused = true;
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      },
    });
    const { status, id } = await sending.answer;
    expect(status).toBe(200);
    expect((await ledger(id)).attempts).toMatchObject([{ result: "ok" }]);
  });

  test("without a length is sent on without one, and its sound is paid by all that came", async () => {
    const { id } = await transcribe(early(16_000 * 200), { withLength: false }).answer;
    expect(upstream.taken[0]?.headers["transfer-encoding"]).toBe("chunked");
    expect((await ledger(id)).usage?.audio_seconds).toBe(200);
  });

  test.each([
    ["in memory", 100_000],
    ["in part in a file", 5 * mebibyte],
  ])("kept %s is sent again, from its beginning, when a provider fails", async (_name, size) => {
    const fields: Fields = [["models", '["groq/whisper-large-v3"]'], ...early(size)];
    upstream.behaviours.push(async (incoming, response, taken) => {
      await read(incoming, taken, size / 2);
      answer(response, 500, { error: { message: "oh" } });
    });
    const { status, id } = await transcribe(fields).answer;
    expect(status).toBe(200);
    expect(upstream.taken.at(-1)).toMatchObject({ path: "/groq/audio/transcriptions", file: digestOf(size) });
    expect(upstream.taken.at(-1)?.head).not.toContain("models");
    expect((await ledger(id)).attempts).toMatchObject([{ provider: "openai", result: "server" }, { provider: "groq" }]);
  });

  test.each([
    ["having read nothing", 0],
    ["in the middle of it", 2 * mebibyte],
  ])("that a provider refuses %s is refused in its words, while the client still sends", async (_name, bytes) => {
    upstream.behaviours.push(async (incoming, response, taken) => {
      if (bytes > 0) await read(incoming, taken, bytes);
      answer(response, 400, { error: { message: "This is no sound.", type: "invalid_request_error", param: "file" } });
    });
    const sending = transcribe(early(50 * mebibyte));
    expect(await sending.answer).toMatchObject({
      status: 400,
      body: { error: { message: "This is no sound.", param: "file", code: "invalid_request" } },
    });
    expect(upstream.taken).toHaveLength(1);
  });

  test.each([
    ["before its call has begun", late(50 * mebibyte)],
    ["while it is sent on", early(50 * mebibyte)],
  ])("whose sender leaves %s leaves nothing behind", async (_name, fields) => {
    const taking: Behaviour = async (incoming, _response, taken) => {
      await read(incoming, taken).catch(() => {});
    };
    upstream.behaviours.push(taking);
    const sending = transcribe(fields, {
      before: (sentBytes) => {
        if (sentBytes > 20 * mebibyte) sending.abort();
      },
    });
    await expect(sending.answer).rejects.toThrow();
    await until(() => upstream.taken.every(({ broken }) => broken));
    expect(upstream.taken).toHaveLength(fields[0]?.[0] === "model" ? 1 : 0);
  });

  test("is not cut short in secret: where the form ends in its middle, so does the request to the provider", async () => {
    const half = new Blob([Buffer.alloc(2 * mebibyte, "x")]);
    const opening = `--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nopenai/whisper-1\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n`;
    const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "multipart/form-data; boundary=b" },
      body: new Blob([opening, half]),
    });
    expect(await response.json()).toMatchObject({ error: { code: "invalid_request" } });
    await until(() => upstream.taken.every(({ broken }) => broken));
    expect((await ledger(response.headers.get("x-request-id"))).attempts).toMatchObject([{ result: "withdrawn" }]);
  });
});

describe("a field after a file that is too large to be waited for", () => {
  test.each([
    ["model", "groq/whisper-large-v3"],
    ["models", '["groq/whisper-large-v3"]'],
    ["provider", '{"only":["groq"]}'],
    ["drop_params", "true"],
    ["stream", "true"],
  ])("is refused by name when it would have decided about the call: %s", async (name, value) => {
    const { status, body, id } = await transcribe([...early(3 * mebibyte), [name, value]]).answer;
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: "invalid_request", param: name } } });
    await until(() => upstream.taken.every(({ broken }) => broken));
    expect(await ledger(id)).toMatchObject({ status: "failed", attempts: [{ result: "withdrawn" }] });
  });

  test("goes along when it does not decide", async () => {
    const fields: Fields = [...early(3 * mebibyte), ["stream", "false"], ["prompt", "Names"]];
    expect((await transcribe(fields).answer).status).toBe(200);
    expect(upstream.taken[0]?.bytes).toBe(
      sizeOf(fields) + sizeOf([["model", "whisper-1"]]) - sizeOf([["model", "openai/whisper-1"]]),
    );
  });

  test("decides after a small file", async () => {
    const fields: Fields = [...early(100_000), ["provider", '{"only":["groq"]}']];
    expect((await transcribe(fields).answer).body).toMatchObject({ error: { param: "provider" } });
    expect(upstream.taken).toHaveLength(0);
  });
});

describe("OpenAI's client, which sends a form in the order of its caller's members", () => {
  test.each(["model, file", "file, model"])("%s", async (order) => {
    const path = join(files, "a.mp3");
    writeFileSync(path, Buffer.alloc(3 * mebibyte, "abc"));
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
    const file = createReadStream(path);
    const model = "openai/whisper-1";
    const asked = order === "model, file" ? { model, file } : { file, model };
    expect(await openai.audio.transcriptions.create(asked)).toMatchObject({ text: "Hello" });
    expect(upstream.taken[0]?.head).toMatch(/name="model"\r\n\r\nwhisper-1\r\n/);
    expect(upstream.taken[0]?.bytes).toBeGreaterThan(3 * mebibyte);
  });
});

describe("an upload that is larger than the gateway takes", () => {
  test.each([
    ["by what it says", true],
    ["by what comes", false],
  ])("%s is refused", async (_name, withLength) => {
    const small = await startGateway({
      env: {
        OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
        OPENAI_BASE_URL: `${upstream.url}/openai`,
        TURNPIKE_MAX_UPLOAD_BYTES: String(3 * mebibyte),
      },
    });
    const sending = send({
      url: `${small.url}/v1/audio/transcriptions`,
      key: small.key,
      fields: early(4 * mebibyte),
      withLength,
    });
    expect(await sending.answer).toMatchObject({ status: 413, body: { error: { code: "request_too_large" } } });
    await until(() => upstream.taken.every(({ broken }) => broken));
    expect(upstream.taken).toHaveLength(withLength ? 0 : 1);
    await small.close();
  });
});
