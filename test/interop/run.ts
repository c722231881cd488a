// Runs current Python clients, unmodified, against the sandbox, and reads secrets from genuine managers that Python packages bring:
// `npm run test:interop`. Where they can't be had (no Python, no package index), it says so and counts them as skipped.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../support/gateway.ts";

const packages = ["openai", "anthropic", "google-genai", "langchain-openai", "pydantic-ai"];
const installTimeoutMs = 480_000;
const scriptTimeoutMs = 120_000;
const here = import.meta.dirname;
/** Brings its own packages, as those who have no clients may have these. */
const managers = join(here, "managers.ts");
const managersTimeoutMs = 900_000;
const scripts = readdirSync(here).filter((file) => file.endsWith("_client.py"));

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

const folder = mkdtempSync(join(tmpdir(), "turnpike-interop-"));
try {
  const python = await prepare(process.env.TURNPIKE_INTEROP_PYTHON ?? null);
  if (python === null) {
    for (const script of scripts) console.log(`skipped ${script}`);
    console.log(`\n0 passed, 0 failed, ${scripts.length} skipped`);
  } else process.exitCode = await runAll(python);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A Python that has the packages: the one given, or a fresh virtual environment. Null, with the reason told, for none. */
async function prepare(given: string | null): Promise<string | null> {
  if (given !== null) return given;
  const version = await execute("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"], 20_000);
  if (version.code !== 0) return skip("there is no Python 3.10 or newer", version);
  const made = await execute("python3", ["-m", "venv", folder], 120_000);
  if (made.code !== 0) return skip("Python can't make a virtual environment", made);
  const python = join(folder, "bin", "python");
  const install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", ...packages];
  const installed = await execute(python, install, installTimeoutMs);
  return installed.code === 0 ? python : skip("the packages could not be installed", installed);
}

function skip(reason: string, { output }: Outcome): null {
  console.log(`Python clients were not run: ${reason}.\n${output.slice(-500)}`);
  return null;
}

/** The exit code. A script that ends otherwise than by its checks counts as one failure. */
async function runAll(python: string): Promise<number> {
  const gateway = await startGateway({ env: { TURNPIKE_SANDBOX: "on" } });
  let [passed, failed] = [0, 0];
  const count = (code: number | null, output: string): void => {
    const bad = output.match(/^not ok /gm)?.length ?? 0;
    passed += output.match(/^ok /gm)?.length ?? 0;
    failed += bad === 0 && code !== 0 ? 1 : bad;
  };
  try {
    for (const script of scripts) {
      const { code, output } = await execute(python, [join(here, script)], scriptTimeoutMs, {
        TURNPIKE_URL: gateway.url,
        TURNPIKE_KEY: gateway.key,
        PYTHONDONTWRITEBYTECODE: "1",
      });
      console.log(output.trimEnd());
      count(code, output);
    }
  } finally {
    await gateway.close();
  }
  const env = { TURNPIKE_INTEROP_PYTHON: python };
  const { code, output } = await execute(process.execPath, [managers], managersTimeoutMs, env);
  console.log(output.trimEnd());
  count(code, output);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function execute(
  command: string,
  args: readonly string[],
  timeout: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, timeout });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", (error) => resolve({ code: null, output: error.message }));
    child.on("close", (code) => resolve({ code, output }));
  });
}
