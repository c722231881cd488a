// The rotation drill: a provider's key is changed in its manager under load, the provider refuses the old one from that moment, and no
// client notices.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { startAwsServer } from "../../support/managers/aws.ts";
import { startAzureServer } from "../../support/managers/azure.ts";
import { startGoogleServer } from "../../support/managers/google.ts";
import { type KeyCheckingUpstream, startKeyCheckingUpstream } from "../../support/managers/key-checking-upstream.ts";
import { startVaultServer } from "../../support/managers/vault.ts";

interface Manager {
  readonly env: Readonly<Record<string, string>>;
  put(key: string): void;
  /** Takes the manager away for good. */
  leave(): void;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const managers: Readonly<Record<string, () => Promise<Manager>>> = {
  async vault() {
    const server = await startVaultServer();
    closing.push(() => server.close());
    const identity = { VAULT_ROLE_ID: server.roleId, VAULT_SECRET_ID: server.secretId() };
    return {
      env: { ...identity, VAULT_ADDR: server.url, OPENAI_API_KEY: "vault:secret/openai#key" },
      put: (key) => server.put("secret/openai", { key }),
      leave: () => {
        server.away = true;
      },
    };
  },
  async "aws-sm"() {
    const server = await startAwsServer();
    closing.push(() => server.close());
    return {
      env: {
        AWS_ACCESS_KEY_ID: server.user.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.user.secretAccessKey,
        AWS_REGION: "eu-central-1",
        AWS_ENDPOINT_URL: server.url,
        OPENAI_API_KEY: "aws-sm:openai#key",
      },
      put: (key) => void server.put("openai", JSON.stringify({ key })),
      leave: () => {
        server.away = true;
      },
    };
  },
  async "azure-kv"() {
    const server = await startAzureServer();
    closing.push(() => server.close());
    return {
      env: {
        AZURE_POD_IDENTITY_AUTHORITY_HOST: server.url,
        AZURE_KEY_VAULT_ENDPOINT: server.url,
        OPENAI_API_KEY: "azure-kv:llm/openai",
      },
      put: (key) => void server.put("openai", key),
      leave: () => {
        server.away = true;
      },
    };
  },
  async "gcp-sm"() {
    const server = await startGoogleServer();
    closing.push(() => server.close());
    return {
      env: {
        GCE_METADATA_HOST: new URL(server.url).host,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: server.url,
        OPENAI_API_KEY: "gcp-sm:projects/p/secrets/openai/versions/latest",
      },
      put: (key) => void server.put("projects/p/secrets/openai", key),
      leave: () => {
        server.away = true;
      },
    };
  },
  async file() {
    const folder = mkdtempSync(join(tmpdir(), "turnpike-rotation-"));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    return {
      env: { OPENAI_API_KEY: `file:${join(folder, "key")}` },
      put: (key) => {
        writeFileSync(join(folder, "draft"), key);
        renameSync(join(folder, "draft"), join(folder, "key"));
      },
      leave: () => rmSync(join(folder, "key")),
    };
  },
};

const keyOf = (rotation: number): string => `sk-upstream-key-number-${rotation}-0123456789`;
const perSecond = 200;

async function world(name: string) {
  const manager = await managers[name]?.();
  if (manager === undefined) throw new Error(`no manager ${name}`);
  manager.put(keyOf(0));
  const upstream = await startKeyCheckingUpstream(keyOf(0));
  closing.push(() => upstream.close());
  // Without breakers turned off, as an operator has it: a refused credential would be left alone.
  const env = { ...manager.env, OPENAI_BASE_URL: upstream.url, TURNPIKE_BREAKERS: "on", TURNPIKE_MAX_ATTEMPTS: "1" };
  const gateway = await startGateway({ env });
  closing.push(() => gateway.close());
  return { manager, upstream, gateway };
}

/** Sends so many calls, evenly in time, every fourth of them streamed. Resolves to the answers that are not as they should be. */
async function load(
  gateway: Gateway,
  calls: number,
  rate: number,
  meanwhile: (call: number) => void,
): Promise<string[]> {
  const failures: string[] = [];
  const running: Promise<void>[] = [];
  const startedMs = performance.now();
  for (let call = 0; call < calls; call++) {
    meanwhile(call);
    running.push(
      callOnce(gateway, call % 4 === 3).then((problem) => void (problem !== null && failures.push(problem))),
    );
    await sleep(Math.max(0, startedMs + ((call + 1) * 1_000) / rate - performance.now()));
  }
  await Promise.all(running);
  return failures;
}

async function callOnce({ url, key }: Gateway, stream: boolean): Promise<string | null> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "Hi" }], stream }),
  });
  const text = await response.text();
  return response.status === 200 && text.includes("Hello.") && !text.includes('"error"') ? null : text;
}

function rotate(manager: Manager, upstream: KeyCheckingUpstream, rotation: number): void {
  manager.put(keyOf(rotation));
  upstream.key = keyOf(rotation);
}

describe("a provider's key that is rotated in its manager under load", () => {
  it.each([
    ["vault", 600, perSecond, 2],
    ["aws-sm", 600, perSecond, 2],
    ["azure-kv", 120, 60, 2],
    ["gcp-sm", 120, 60, 2],
    ["file", 120, 60, 2],
  ])("costs no client a call: %s", async (name, calls, rate, rotations) => {
    const { manager, upstream, gateway } = await world(name);
    const every = Math.floor(calls / (rotations + 1));
    const failures = await load(gateway, calls, rate, (call) => {
      if (call > 0 && call % every === 0 && call / every <= rotations) rotate(manager, upstream, call / every);
    });
    expect(failures).toEqual([]);
    expect([...upstream.served.values()].reduce((sum, one) => sum + one, 0)).toBe(calls);
    // Each key has served, and the old one was tried and refused: the drill was one.
    expect([...upstream.served.keys()]).toEqual(
      Array.from({ length: rotations + 1 }, (_, rotation) => keyOf(rotation)),
    );
    if (name !== "file") expect(upstream.refused).toBeGreaterThanOrEqual(rotations);
  });

  it.each(["vault", "aws-sm", "azure-kv", "gcp-sm", "file"])(
    "serves on with its last value while the manager is away: %s",
    async (name) => {
      const { manager, upstream, gateway } = await world(name);
      manager.leave();
      expect(await load(gateway, 100, perSecond, () => {})).toEqual([]);
      expect(upstream.served.get(keyOf(0))).toBe(100);
    },
  );
});

describe("a gateway whose manager is away when it starts", () => {
  it("starts, sends nobody's call with the credential that waits, and every call as soon as the secret is there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "turnpike-waiting-"));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const upstream = await startKeyCheckingUpstream(keyOf(0));
    closing.push(() => upstream.close());
    const env = {
      OPENAI_BASE_URL: upstream.url,
      OPENAI_API_KEY: `file:${join(folder, "key")}`,
      TURNPIKE_BREAKERS: "on",
    };
    const gateway = await startGateway({ env });
    closing.push(() => gateway.close());
    for (let call = 0; call < 20; call++) {
      const told = (await callOnce(gateway, false)) ?? "";
      expect(told).toContain("no_deployment_available");
      expect(told).not.toContain(folder);
    }
    writeFileSync(join(folder, "key"), keyOf(0));
    await expect.poll(() => callOnce(gateway, false), { timeout: 10_000 }).toBeNull();
  });

  it("does not start where references are strict", async () => {
    const env = { OPENAI_API_KEY: "file:/does/not/exist", TURNPIKE_REFERENCES: "strict" };
    await expect(startGateway({ env })).rejects.toThrow("file:/does/not/exist: the file can't be read.");
  });
});

it("a credential of several variables is made of their references", async () => {
  const upstream = await startKeyCheckingUpstream(keyOf(1));
  closing.push(() => upstream.close());
  const env = {
    OPENAI_BASE_URL: upstream.url,
    OPENAI_API_KEY: "env:FIRST_OF_TWO",
    OPENAI_API_KEY_2: "env:SECOND_OF_TWO",
    FIRST_OF_TWO: keyOf(0),
    SECOND_OF_TWO: keyOf(1),
  };
  const gateway = await startGateway({ env });
  closing.push(() => gateway.close());
  expect(await callOnce(gateway, false)).toBeNull();
  expect(await callOnce(gateway, true)).toBeNull();
});
