// The log in a Worker: one JSON line an event, to the console that `wrangler tail` and Workers Logs read.
import type { Config } from "../config.ts";
import type { Log } from "./log.ts";
import { scrubLine } from "./log-scrub.ts";

const levels = ["debug", "info", "warn", "error"] as const;

export function workerLog(level: Config["logLevel"]): Log {
  const least = level === "silent" ? levels.length : levels.indexOf(level);
  const at =
    (name: (typeof levels)[number]): Log["info"] =>
    (event, fields) => {
      if (levels.indexOf(name) < least) return;
      console[name](scrubLine(JSON.stringify({ level: name, msg: event, ...fields })));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
