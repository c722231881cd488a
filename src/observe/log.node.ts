// The log on Node: one line an event on stderr, by pino. Every line is looked through for secrets before it is written.
import { pino } from "pino";
import type { Config } from "../config.ts";
import type { Log } from "./log.ts";
import { prettyLine } from "./log-pretty.ts";
import { scrubLine } from "./log-scrub.ts";

export interface NodeLog extends Log {
  /** What is told from now on. */
  setLevel(level: Config["logLevel"]): void;
  readonly level: Config["logLevel"];
}

/** @param base what every line says first. */
export function nodeLog(
  { logLevel, logFormat }: Pick<Config, "logLevel" | "logFormat">,
  base?: Readonly<Record<string, unknown>>,
): NodeLog {
  const streamWrite =
    logFormat === "pretty" ? (line: string) => prettyLine(scrubLine(line)) : (line: string) => scrubLine(line);
  const logger = pino(
    { level: logLevel, base: base ?? null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite } },
    pino.destination(2),
  );
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    setLevel(level) {
      logger.level = level;
    },
    get level() {
      return logger.level as Config["logLevel"];
    },
  };
}
