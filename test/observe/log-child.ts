// A process that says its secret in the way that its argument names, for log-process.test.ts.
import { nodeLog } from "../../src/observe/log.node.ts";
import { knowEnvironment } from "../../src/observe/log-environment.ts";
import { guardProcess, switchLevelBySignal } from "../../src/observe/log-process.node.ts";

const secret = process.env.SOME_API_KEY ?? "";
const logFormat = process.env.LOG_FORMAT === "pretty" ? "pretty" : "json";
knowEnvironment(process.env);
const log = nodeLog({ logLevel: "info", logFormat });
guardProcess(log);
switchLevelBySignal(log);

const ways: Readonly<Record<string, () => void>> = {
  log: () => log.info(`the key ${secret}`, { why: Buffer.from(secret).toString("base64") }),
  uncaught: () => {
    throw new Error(`refused ${secret}`, { cause: new TypeError(`inner ${encodeURIComponent(secret)}`) });
  },
  rejected: () => void Promise.reject(Object.assign(new Error(`gone ${secret}`), { secret })),
  thrown: () => {
    throw { secret };
  },
  warning: () => process.emitWarning(`odd ${secret}`, { code: "ODD", detail: secret }),
  console: () => console.error("it was %s", secret, { secret }),
  signal: () => {
    log.debug("not told");
    process.kill(process.pid, "SIGUSR2");
    setTimeout(() => log.debug("told"), 50);
  },
};
ways[process.argv[2] ?? ""]?.();
