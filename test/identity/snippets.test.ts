// The documentation's snippets, run as they stand there: by bash, curl and jq, against a real gateway and a real issuer.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { startIssuer, type TokenIssuer } from "../support/issuer.ts";
import { call, makeRule } from "./setup.ts";

const page = readFileSync(new URL("../../docs/workload-identity.md", import.meta.url), "utf8");
const hasTools = ["bash", "curl", "jq"].every((tool) => {
  try {
    return execFileSync("sh", ["-c", `command -v ${tool}`]).length > 0;
  } catch {
    return false;
  }
});

/** The code that follows the mark of this name. */
function snippet(name: string): string {
  const code = page.split(`<!-- proved: ${name} -->`)[1]?.split("```")[1] ?? "";
  return code.slice(code.indexOf("\n") + 1);
}

interface Yaml {
  readonly [name: string]: Yaml & Yaml[] & string;
}
const yaml = (name: string) => parse(snippet(name)) as Yaml;

describe.skipIf(!hasTools)("a snippet of the documentation", () => {
  let gateway: Gateway;
  let issuer: TokenIssuer;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-snippets-"));
    [gateway, issuer] = await Promise.all([
      startGateway({ env: { TURNPIKE_SANDBOX: "on", TURNPIKE_LOG_LEVEL: "silent" } }),
      startIssuer(),
    ]);
    await makeRule(gateway, { issuer: issuer.url, audiences: [gateway.url], subjects: null });
  });
  afterAll(async () => {
    await Promise.all([gateway.close(), issuer.close()]);
    rmSync(folder, { recursive: true });
  });

  /** Runs a script of a snippet, and then says which key it has come by. */
  async function keyOf(script: string, env: Readonly<Record<string, string>>): Promise<string> {
    const all = { PATH: process.env.PATH, TURNPIKE_URL: gateway.url, ...env };
    const { stdout } = await promisify(execFile)("bash", ["-ec", `${script}\necho "KEY=$OPENAI_API_KEY"`], {
      env: all,
    });
    return /KEY=(.*)\n$/.exec(stdout)?.[1] ?? "";
  }

  it("gets a job of GitHub Actions a key that works, masked in its log", async () => {
    const token = await issuer.token({ aud: gateway.url });
    const runner = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://runner");
      const right = request.headers.authorization === "bearer asking" && searchParams.get("audience") === gateway.url;
      response.writeHead(right ? 200 : 400).end(JSON.stringify({ value: right ? token : "" }));
    });
    await new Promise<void>((ready) => runner.listen(0, "127.0.0.1", ready));
    const environment = join(folder, "env");
    writeFileSync(environment, "");
    const run = (yaml("github").jobs as Yaml).ask?.steps?.[0]?.run;
    const { stdout } = await promisify(execFile)("bash", ["-ec", String(run)], {
      env: {
        PATH: process.env.PATH,
        TURNPIKE_URL: gateway.url,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "asking",
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(runner.address() as AddressInfo).port}/token?api-version=2.0`,
        GITHUB_ENV: environment,
      },
    });
    runner.close();
    const [, key = ""] = /OPENAI_API_KEY=(.*)\n/.exec(readFileSync(environment, "utf8")) ?? [];
    expect(stdout).toContain(`::add-mask::${key}`);
    expect((await call(gateway, key)).status).toBe(200);
  });

  it("gets a job of GitLab's a key that works", async () => {
    const script = String((yaml("gitlab").ask as Yaml).script?.[0]);
    const key = await keyOf(script, { TURNPIKE_TOKEN: await issuer.token({ aud: gateway.url }) });
    expect((await call(gateway, key)).status).toBe(200);
  });

  it("gets a pod of Kubernetes' a key that works", async () => {
    const file = join(folder, "token");
    writeFileSync(file, await issuer.token({ aud: [gateway.url] }));
    const args = String((yaml("kubernetes").spec as Yaml).containers?.[0]?.args?.[0]);
    const key = await keyOf(args.replace("exec /app/web", ""), { TURNPIKE_TOKEN_FILE: file });
    expect((await call(gateway, key)).status).toBe(200);
  });

  it("gets a build of Jenkins' a key that works", async () => {
    const script = snippet("jenkins").split("'''")[1] ?? "";
    const key = await keyOf(script.replace("./ask.sh", ""), {
      TURNPIKE_TOKEN: await issuer.token({ aud: gateway.url }),
    });
    expect((await call(gateway, key)).status).toBe(200);
  });
});
