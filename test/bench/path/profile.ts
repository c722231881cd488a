// Where the time of a call goes: a profile of a warm gateway under load, by the rooms of its source.
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Options } from "./parts.ts";
import { turnpike } from "./peers.ts";
import type { Row, Table } from "./report.ts";
import { load, startScript } from "./servers.ts";

/** Of a profile as V8 writes it (Chrome DevTools protocol, `Profiler.Profile`), what is read here. Times in µs. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

type Frame = Profile["nodes"][number]["callFrame"];

/** CPU of a call by what spends it, most first; what is less than 1 % of all is put together. */
export async function profileOfCall({ folder, quick }: Options): Promise<readonly Table[]> {
  const upstream = await startScript("upstream", {});
  const path = join(folder, "profile.json");
  const hook = new URL("./profiled.ts", import.meta.url).href;
  const ours = await turnpike({ NODE_OPTIONS: `--import ${hook}`, PROFILE_TO: path })({
    upstream: upstream.url,
    folder,
  });
  if (ours === null) return [];
  const calls = quick ? 4_000 : 16_000;
  try {
    await load(ours, { calls: 16_000, stream: false });
    ours.process.kill("SIGWINCH");
    await sleep(1_000);
    await load(ours, { calls, stream: false });
    ours.process.kill("SIGWINCH");
    while (!existsSync(path) || !readFileSync(path, "utf8").endsWith("}")) await sleep(200);
  } finally {
    ours.process.kill();
    upstream.process.kill();
  }
  const rows = byRoom(JSON.parse(readFileSync(path, "utf8")) as Profile, calls);
  return [{ id: "profile", title: "Where the time of a call goes", unit: "µs", rows, base: "all", targets: [] }];
}

function byRoom({ nodes, samples, timeDeltas }: Profile, calls: number): readonly Row[] {
  const roomOf = rooms();
  const room = new Map(nodes.map(({ id, callFrame }) => [id, roomOf(callFrame)]));
  const spent = new Map<string, number>();
  samples.forEach((id, at) => {
    const name = room.get(id) ?? null;
    if (name !== null) spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[at] ?? 0) / calls);
  });
  const all = [...spent.values()].reduce((sum, value) => sum + value, 0);
  const rows = [...spent].map(([name, value]) => ({ name, value })).toSorted((a, b) => b.value - a.value);
  const large = rows.filter(({ value }) => value >= all / 100);
  const rest = all - large.reduce((sum, { value }) => sum + value, 0);
  return [{ name: "all", value: all }, ...large, { name: "all else", value: rest }];
}

/** The room of a frame; null for what is no work. */
function rooms(): (frame: Frame) => string | null {
  const maps = new Map<string, SourceMap | null>();
  const sourceOf = ({ url, lineNumber, columnNumber }: Frame): string => {
    let map = maps.get(url);
    if (map === undefined) {
      const file = `${fileURLToPath(url)}.map`;
      map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : null;
      maps.set(url, map);
    }
    const entry = map?.findEntry(lineNumber, columnNumber);
    return entry !== undefined && "originalSource" in entry ? entry.originalSource : url;
  };
  return (frame) => {
    const { functionName, url } = frame;
    if (functionName === "(idle)" || url === "node:inspector") return null;
    if (functionName === "(garbage collector)") return "garbage collection";
    if (url === "") return native(functionName);
    if (url.startsWith("node:")) return url.includes("http") ? "node: http" : "node: all else";
    if (url.startsWith("wasm:")) return "undici";
    const source = sourceOf(frame);
    const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
    if (installed !== undefined) return installed;
    return /(?:src|providers)\/[^/]+(?=\/)/.exec(source)?.[0] ?? /(?:src|providers)\/[^/]+$/.exec(source)?.[0] ?? "?";
  };
}

function native(functionName: string): string {
  if (/^(writev|write\w*|read\w*|ftruncate|shutdown)$/.test(functionName)) return "system calls: sockets and files";
  // The functions of better-sqlite3 have no names.
  if (functionName === "") return "SQLite";
  if (functionName === "oneShotDigest") return "digests of keys";
  return "V8 and node, native";
}
