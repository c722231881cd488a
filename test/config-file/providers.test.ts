// The section `providers` of turnpike.yaml: what it connects, how it is called, and how it says what is wrong, with no secret in it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { providers } from "../../providers/index.ts";
import { readRegistry } from "../../src/config-file.node.ts";
import { scrubText } from "../../src/observe/log-scrub.ts";
import { connectionsOfMachine } from "../../src/vault/credentials.node.ts";
import { startGateway } from "../support/gateway.ts";
import { recording, recordings } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let folder: string;
let file: string;
let replay: Replay;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-providers-"));
  file = join(folder, "turnpike.yaml");
  replay = await startReplay();
});
afterEach(() => expect(replay.clear()).toBe(0));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await replay.close();
});

type Env = Readonly<Record<string, string>>;

function connect(text: string, env: Env = {}) {
  writeFileSync(file, text);
  const machine = readRegistry(file, { registry: providers, env });
  return connectionsOfMachine(machine.registry, machine.env, { sandbox: "off" });
}

describe("a gateway that is told of providers in its file", () => {
  it("calls each in its dialect, with the key that the file refers to and the headers that it names", async () => {
    writeFileSync(join(folder, "key"), "key-in-a-file\n");
    writeFileSync(
      file,
      `
providers:
  our-gpu:
    name: Our GPUs
    base_url: ${replay.url}/gpu/v1
    api_key: env:OUR_GPU_KEY
    headers: { X-Team: search }
    endpoints: [embeddings]
    quirks: { max_tokens_field: max_completion_tokens, unsupported: [seed] }
  our-claude:
    base_url: ${replay.url}/claude
    dialect: anthropic-messages
    api_key: file:${join(folder, "key")}
  open-server:
    base_url: ${replay.url}/open/v1
  openai:
    base_url: ${replay.url}/proxy/v1
    headers: { x-proxy: "yes" }
models:
  - id: our-gpu/acme-7b
    prices: { input: 1, output: 2 }
`,
    );
    const env = { TURNPIKE_CONFIG: file, OUR_GPU_KEY: "key-of-the-gpu", OPENAI_API_KEY: "sk-upstream-0123456789" };
    const gateway = await startGateway({ env });
    try {
      const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
      const messages = [{ role: "user" as const, content: "Hello" }];
      const [answer] = recordings("anthropic", { dialect: "anthropic-messages", stream: false, failed: false });
      if (answer === undefined) throw new Error("no recording");
      const chat = recording("azure", "azure-azure-deepseek-reasoning.1");

      const gpu = replay.serve(chat);
      await openai.chat.completions.create({ model: "our-gpu/acme-7b", messages, max_tokens: 9 });
      const first = await gpu.received;
      expect(first).toMatchObject({
        path: "/gpu/v1/chat/completions",
        headers: { authorization: "Bearer key-of-the-gpu", "x-team": "search" },
      });
      expect(JSON.parse(first.body)).toEqual({ model: "acme-7b", messages, max_completion_tokens: 9 });

      const embeddings = replay.script(() => [
        { kind: "head", status: 200, headers: { "content-type": "application/json" } },
        JSON.stringify({ object: "list", data: [{ object: "embedding", index: 0, embedding: [1] }] }),
      ]);
      await openai.embeddings.create({ model: "our-gpu/embed", input: "Hi", encoding_format: "float" });
      expect((await embeddings.received).path).toBe("/gpu/v1/embeddings");

      const claude = replay.serve(answer);
      await openai.chat.completions.create({ model: "our-claude/claude-x", messages });
      expect(await claude.received).toMatchObject({
        path: "/claude/v1/messages",
        headers: { "x-api-key": "key-in-a-file", "anthropic-version": "2023-06-01" },
      });

      const open = replay.serve(chat);
      await openai.chat.completions.create({ model: "open-server/anything", messages });
      expect((await open.received).headers).not.toHaveProperty("authorization");

      const proxied = replay.serve(chat);
      await openai.chat.completions.create({ model: "openai/gpt-5-mini", messages });
      expect(await proxied.received).toMatchObject({
        path: "/proxy/v1/chat/completions",
        headers: { authorization: "Bearer sk-upstream-0123456789", "x-proxy": "yes" },
      });
    } finally {
      await gateway.close();
    }
  });
});

describe("a known provider", () => {
  const text = "providers: { openai: { base_url: https://proxy.example/v1 }, groq: { api_key: env:MY_KEY } }";

  it("is reached where the environment says before where the file says", () => {
    const keys = { OPENAI_API_KEY: "k", MY_KEY: "m" };
    expect(connect(text, keys).get("openai")?.baseUrl).toBe("https://proxy.example/v1");
    const there = connect(text, { ...keys, OPENAI_BASE_URL: "https://elsewhere.example/v1" });
    expect(there.get("openai")?.baseUrl).toBe("https://elsewhere.example/v1");
    expect(connect(text, { ...keys, OPENAI_BASE_URL: "" }).get("openai")?.baseUrl).toBe("https://proxy.example/v1");
  });

  it("has the key that the file refers to, and no pool of its own variables", () => {
    const found = connect(text, { MY_KEY: "m", GROQ_API_KEY: "other", GROQ_API_KEY_2: "more" });
    expect([...found.keys()]).toEqual(["groq"]);
    expect(found.get("groq")?.secret?.reveal()).toBe("m");
  });

  it("of several forms has the file's words in each of them", () => {
    const azure = "providers: { azure: { headers: { x-team: search }, api_key: env:MY_KEY } }";
    const env = { MY_KEY: "m", AZURE_RESOURCE_NAME: "mine", AZURE_OPENAI_API_VERSION: "2024-10-21" };
    const { provider, secret, baseUrl } = connect(azure, env).get("azure") ?? {};
    expect(baseUrl).toBe("https://mine.openai.azure.com/openai");
    expect(provider?.headers).toEqual({ "x-team": "search" });
    expect(secret?.reveal()).toBe("m");
  });
});

describe("what is wrong", () => {
  const gpu = (more: string) => `providers:\n  our-gpu:\n    base_url: https://gpu.example/v1\n    ${more}\n`;
  it.each([
    ["api_key: sk-s3cr3t-0123456789", "line 4: `providers.our-gpu.api_key`: write where the key stands: env:NAME"],
    ["api_key: env:NOT_SET", "line 4: `providers.our-gpu.api_key`: NOT_SET is not set"],
    [
      "api_key: file:relative/path",
      "line 4: `providers.our-gpu.api_key`: file:relative/path: is not of the form file:/path",
    ],
    ["api_key: vault:secret/gpu?tll=5m", "`providers.our-gpu.api_key`: vault:secret/gpu?tll=5m: has no option `tll`"],
    ['headers: { Authorization: "Bearer s3cr3t" }', "holds a credential: name it as `api_key`"],
    ['headers: { x-a: "a\\nb" }', "expected visible ASCII"],
    ["dialect: soap", "providers.our-gpu.dialect"],
    ["endpoints: [telepathy]", "providers.our-gpu.endpoints[0]"],
    ["quirks: { magic: true }", "providers.our-gpu.quirks"],
    ["key: env:X", "providers.our-gpu"],
    ["dialect: gemini\n    quirks: { top_k: true }", "are of the dialect openai-chat alone"],
  ])("is said by its place: %s", (more, message) => {
    const read = () => connect(gpu(more));
    expect(read).toThrow(message);
    expect(read).not.toThrow("s3cr3t");
    // The command line looks through its messages for secrets, as the log does: nothing here may pass for one.
    expect(scrubText(message)).toBe(message);
  });

  it.each([
    ["providers: { our-gpu: { name: x } }", "Turnpike knows no such provider; say its base_url"],
    ["providers: { our-gpu: { base_url: ftp://x } }", "expected an http:// or https:// URL"],
    ["providers: { our-gpu: { base_url: https://u:s3cr3t@x/v1 } }", "without a query, a fragment or credentials"],
    ["providers: { Our_GPU: { base_url: https://x } }", "`providers.Our_GPU`: expected lower-case letters"],
    ["providers: { openai: { dialect: gemini } }", "is known for openai, and can't be described anew"],
    ["providers: { sandbox: { base_url: https://x } }", "is built in"],
  ])("is said of the whole: %s", (text, message) => {
    expect(() => connect(text)).toThrow(message);
    expect(() => connect(text)).not.toThrow("s3cr3t");
  });

  it("is a server that the environment describes too", () => {
    const env = { TURNPIKE_PROVIDER_OUR_GPU_BASE_URL: "https://gpu.example/v1" };
    expect(() => connect(gpu("name: x"), env)).toThrow("Turnpike knows our-gpu already; set OUR_GPU_BASE_URL");
  });
});
