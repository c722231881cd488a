// What a process says beside its log: uncaught errors, Node's warnings, and whatever else goes to stderr. It is scrubbed as the log is.
import { writeSync } from "node:fs";
import type { NodeLog } from "./log.node.ts";
import { describeError, type ErrorFacts } from "./log.ts";
import { scrubText } from "./log-scrub.ts";

/** As Node ends after an uncaught error. */
const failed = 1;

/**
 * From now on this process says nothing unscrubbed on stderr. For the process that serves, not for a library. Crashes of the
 * engine itself write a report where Node is told so, from which the environment is left out.
 */
export function guardProcess(log: NodeLog): void {
  process.on("uncaughtException", (error, origin) => {
    // Whatever state the process is in: the log writes at once, and so does what stands in for it.
    try {
      log.error("the gateway ends because of an error that nobody has caught", {
        kind: origin,
        ...describeError(error),
      });
    } catch {
      writeSync(2, `${scrubText(textOf(describeError(error)))}\n`);
    }
    process.exit(failed);
  });
  // Node's own listener prints them as they are.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log.warn("Node warns", describeError(warning)));
  scrubStderr();
  if (process.report !== undefined) process.report.excludeEnv = true;
}

/** `SIGUSR2` changes between the level of now and `debug`. */
export function switchLevelBySignal(log: NodeLog): void {
  const usual = log.level;
  process.on("SIGUSR2", () => {
    log.setLevel(log.level === "debug" ? usual : "debug");
    log.warn("the level of the log has changed", { level: log.level });
  });
}

/** The log writes to the descriptor itself; this is for everybody else. */
function scrubStderr(): void {
  const write = process.stderr.write.bind(process.stderr) as (text: string | Uint8Array, ...rest: unknown[]) => boolean;
  process.stderr.write = ((data: string | Uint8Array, ...rest: unknown[]) =>
    write(
      scrubText(typeof data === "string" ? data : Buffer.from(data).toString("utf8")),
      ...rest,
    )) as typeof process.stderr.write;
}

function textOf({ stack, message, cause }: ErrorFacts): string {
  return [stack ?? message, ...(cause === undefined ? [] : [`caused by ${textOf(cause)}`])].join("\n");
}
