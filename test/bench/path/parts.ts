// The parts of the benchmark: what each starts, sends and compares.

import { growth } from "./growth.ts";
import { offer } from "./offered.ts";
import type { Surroundings } from "./peers.ts";
import { type Adapter, bareBytes, bareParse, litellm, nginx, other, portkey, turnpike } from "./peers.ts";
import { profileOfCall } from "./profile.ts";
import { median, type Row, type Table } from "./report.ts";
import { type Load, load, loaded, type Server, startScript } from "./servers.ts";
import { startTimes } from "./start.ts";
import { idleStreamKb, streamLatency } from "./streams.ts";

export interface Options {
  readonly folder: string;
  /** A first look: fewer rounds, fewer calls. */
  readonly quick: boolean;
  /** Calls after which it is looked at what is left in memory. */
  readonly growth: number;
}

type Part = (options: Options) => Promise<readonly Table[]>;

const everybody = [nginx, bareBytes, bareParse, turnpike(), portkey, litellm, other];
const streaming = everybody.filter((adapter) => adapter !== bareParse);
const our = "turnpike";
const parse = "bare node (parse)";
const bytes = "bare node (bytes)";

export const parts: Readonly<Record<string, Part>> = {
  /** CPU of a call that is not streamed, as fast as it goes. */
  calls: (options) =>
    among(everybody, options, async (servers) => {
      const calls = options.quick ? 1_000 : 3_000;
      const cpu = new Figures();
      const rate = new Figures();
      await interleaved(servers, rounds(options), async (server) => {
        const { cpuUs, callsPerS } = await loaded(server, { calls: sized(server, calls), stream: false });
        cpu.add(server, cpuUs);
        rate.add(server, callsPerS);
      });
      return [
        {
          ...{ id: "cpu-per-call", title: "CPU of a call", unit: "µs", rows: cpu.medians(), base: parse },
          targets: [
            { row: our, than: parse, atMost: 1.6 },
            { row: our, than: "nginx", atMost: 7 },
            { row: our, than: "portkey", atMost: 1 / 6 },
          ],
        },
        {
          ...{ id: "calls-per-second", title: "Calls per second, 32 at a time", unit: "1/s", rows: rate.medians() },
          ...{ base: parse, targets: [] },
        },
      ];
    }),

  /** Latency at rates that all of them can keep up with. */
  rates: (options) =>
    among([bareParse, turnpike(), portkey, litellm, other], options, async (servers, upstream) => {
      const perSecond = 500;
      const figures = { p50Ms: new Figures(), p99Ms: new Figures(), p999Ms: new Figures() };
      const able = servers.filter(({ name }) => name === our || name.startsWith("bare"));
      const slower = servers.filter((server) => !able.includes(server));
      // The first seconds open the connections.
      for (const server of [upstream, ...able]) await offer(server, { perSecond, seconds: 3 });
      await interleaved([upstream, ...able], options.quick ? 1 : 3, async (server) => {
        const told = await offer(server, { perSecond, seconds: options.quick ? 3 : 10 });
        for (const [name, figure] of Object.entries(figures)) figure.add(server, told[name as keyof typeof told]);
      });
      const slow = { p50Ms: new Figures(), p99Ms: new Figures() };
      await interleaved([upstream, ...able, ...slower], options.quick ? 1 : 3, async (server) => {
        const told = await offer(server, { perSecond: 100, seconds: options.quick ? 3 : 10 });
        slow.p50Ms.add(server, told.p50Ms);
        slow.p99Ms.add(server, told.p99Ms);
      });
      const titles = { p50Ms: "median", p99Ms: "99 of 100 within", p999Ms: "999 of 1,000 within" };
      return [
        ...Object.entries(figures).map(([name, figure]) => ({
          id: `added-latency-500-${name.toLowerCase().replace("ms", "")}`,
          title: `Added latency at ${perSecond} calls/s, ${titles[name as keyof typeof titles]}`,
          ...{ unit: "ms", rows: beyond(upstream, figure.medians()), base: parse },
          targets: name === "p999Ms" ? [] : [{ row: our, than: parse, atMost: 1.5 }],
        })),
        ...Object.entries(slow).map(([name, figure]) => ({
          id: `added-latency-100-${name.toLowerCase().replace("ms", "")}`,
          title: `Added latency at 100 calls/s, ${titles[name as keyof typeof titles]}`,
          ...{ unit: "ms", rows: beyond(upstream, figure.medians()), base: parse, targets: [] },
        })),
      ];
    }),

  /** CPU of a chunk that streams as fast as it goes. */
  chunks: (options) =>
    among(streaming, { ...options, stream: true }, async (servers) => {
      const figure = new Figures();
      await interleaved(servers, rounds(options), async (server) => {
        const streams = sized(server, options.quick ? 20 : 60);
        figure.add(server, (await load(server, { calls: streams, stream: true })) / 200);
      });
      return [
        {
          ...{ id: "cpu-per-chunk", title: "CPU of a chunk, streams of 200", unit: "µs", rows: figure.medians() },
          base: bytes,
          targets: [
            { row: our, than: bytes, atMost: 1.5 },
            { row: our, than: "portkey", atMost: 1 / 5 },
          ],
        },
      ];
    }),

  /** How late the chunks of streams come. */
  streams: (options) =>
    among(streaming, { ...options, stream: true }, async (servers, upstream) => {
      const first = new Figures();
      const chunk = new Figures();
      await interleaved([upstream, ...servers], options.quick ? 1 : 3, async (server) => {
        const told = await streamLatency(server, 50);
        first.add(server, told.first.p50Ms);
        chunk.add(server, told.chunk.p50Ms);
      });
      const table = (id: string, title: string, figure: Figures): Table => ({
        ...{ id, title, unit: "ms", rows: beyond(upstream, figure.medians()), base: bytes, targets: [] },
      });
      return [
        table("added-first-token", "Added time to the first content, 50 streams, median", first),
        table("added-per-chunk", "Added time of a chunk, 50 streams, median", chunk),
      ];
    }),

  /** Memory: of streams in which nothing happens, and after many calls. */
  memory: (options) =>
    among([nginx, bareBytes, turnpike(), portkey, other], { ...options, stream: true }, async (servers) => {
      const tables: Table[] = [];
      for (const streams of options.quick ? [1_000] : [1_000, 5_000]) {
        const rows: Row[] = [];
        for (const server of servers) {
          await load(server, { calls: 500, stream: true, body: { messages: [{ role: "user", content: "warm" }] } });
          rows.push({ name: server.name, value: await idleStreamKb(server, streams) });
        }
        tables.push({
          ...{ id: `memory-${streams}-streams`, title: `Memory of an open, silent stream, ${streams} at once` },
          ...{ unit: "KB", rows, base: bytes, targets: [{ row: our, than: null, atMost: 25 }] },
        });
      }
      return [...tables, ...(await growth(options, options.growth))];
    }),

  /** Large requests: a picture of 1 MB, a prompt of 100,000 tokens. */
  bodies: (options) =>
    among([nginx, bareBytes, bareParse, turnpike(), portkey, other], options, async (servers) => {
      const image = { url: `data:image/png;base64,${"iVBORw0KGgo".repeat(127_000)}` };
      const kinds = [
        ["picture", "a picture of 1 MB", [{ type: "image_url", image_url: image }]],
        ["prompt", "a prompt of 100,000 tokens", "The quick brown fox jumps over it. ".repeat(12_000)],
      ] as const;
      const tables: Table[] = [];
      for (const [id, what, content] of kinds) {
        const figure = new Figures();
        const asked: Load = { calls: 60, stream: false, body: { messages: [{ role: "user", content }] } };
        await interleaved(servers, options.quick ? 1 : 5, async (server) =>
          figure.add(server, await load(server, asked)),
        );
        tables.push({
          ...{ id: `cpu-${id}`, title: `CPU of a call with ${what}`, unit: "µs", rows: figure.medians() },
          ...{ base: parse, targets: [] },
        });
      }
      return tables;
    }),

  /** Calls whose provider speaks another dialect, beside the same calls passed through. */
  dialects: (options) =>
    among([turnpike()], options, async (servers) => {
      const [ours] = servers;
      if (ours === undefined) return [];
      const asMessages = {
        path: "/v1/messages",
        body: { max_tokens: 500, messages: [{ role: "user", content: "Hi" }] },
      };
      const asChat = { body: { messages: asMessages.body.messages } };
      const kinds: readonly (readonly [string, string, Partial<Load>])[] = [
        ["passed through", "openai/gpt-4o", asChat],
        ["chat to Anthropic", "anthropic/claude-sonnet-4-5", asChat],
        ["chat to Gemini", "google/gemini-2.5-flash", asChat],
        ["messages to OpenAI", "openai/gpt-4o", asMessages],
      ];
      const figure = new Figures();
      const named = kinds.map(([name, model]) => ({ ...ours, name, model }));
      const loadOf = ({ name }: Server, calls: number): Load => ({
        ...{ calls, stream: false },
        ...kinds.find(([kind]) => kind === name)?.[2],
      });
      for (const server of named) await load(server, loadOf(server, options.quick ? 2_000 : 10_000));
      await interleaved(named, rounds(options), async (server) =>
        figure.add(server, await load(server, loadOf(server, options.quick ? 500 : 2_000))),
      );
      return [
        {
          ...{ id: "cpu-translated", title: "CPU of a translated call", unit: "µs", rows: figure.medians() },
          base: "passed through",
          targets: kinds.slice(1).map(([row]) => ({ row, than: "passed through", atMost: 1.5 })),
        },
      ];
    }),

  /** From the start of the process to its first answer. */
  start: (options) => startTimes(options),

  /** Where Turnpike's time goes. */
  profile: (options) => profileOfCall(options),
};

/**
 * Starts an upstream and these servers, warms them up, and stops them all afterwards.
 * @param options.stream whether they will be asked for streams.
 */
async function among(
  adapters: readonly Adapter[],
  { folder, quick, stream = false }: Options & { readonly stream?: boolean },
  measure: (servers: readonly Server[], upstream: Server) => Promise<readonly Table[]>,
): Promise<readonly Table[]> {
  const upstream = await startScript("upstream", {});
  const around: Surroundings = { upstream: upstream.url, folder };
  const started: Server[] = [];
  const servers: Server[] = [];
  try {
    for (const adapter of adapters) {
      const server = await adapter(around);
      if (server === null) continue;
      started.push(server);
      if (await isAble(server, { stream, quick })) servers.push(server);
    }
    return await measure(servers, { ...upstream, name: "upstream" });
  } finally {
    for (const { process: child } of [...started, upstream]) child.kill();
  }
}

/**
 * Warms a server up, until what V8 compiles is compiled: a gateway runs for weeks, and the first 10,000 calls of any of those on Node
 * cost twice as much as all later ones. False, with a word, for one that fails at what it will be asked. */
async function isAble(server: Server, { stream, quick }: { stream: boolean; quick: boolean }): Promise<boolean> {
  try {
    if (stream) await load(server, { calls: sized(server, quick ? 40 : 160), stream });
    else await load(server, { calls: sized(server, quick ? 4_000 : 16_000), stream });
    return true;
  } catch (error) {
    console.log(`${server.name} is left out of this part: ${String(error).slice(0, 200)}`);
    return false;
  }
}

/** One after the other, again and again: what the machine does meanwhile meets them all. */
async function interleaved(
  servers: readonly Server[],
  times: number,
  measure: (server: Server) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < times; round++) for (const server of servers) await measure(server);
}

function rounds({ quick }: Options): number {
  return quick ? 3 : 7;
}

/** Those that need milliseconds for a call are given fewer. */
function sized({ name }: Server, calls: number): number {
  return name === "litellm" ? Math.ceil(calls / 15) : name === "portkey" ? Math.ceil(calls / 4) : calls;
}

/** What is added to the time that the upstream takes when it is asked directly. */
function beyond(upstream: Server, rows: readonly Row[]): readonly Row[] {
  const direct = rows.find(({ name }) => name === upstream.name)?.value ?? 0;
  return rows.filter(({ name }) => name !== upstream.name).map(({ name, value }) => ({ name, value: value - direct }));
}

/** Figures by server, in the order in which they came. */
class Figures {
  readonly #values = new Map<string, number[]>();

  add({ name }: Server, value: number): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  medians(): readonly Row[] {
    return [...this.#values].map(([name, values]) => ({ name, value: median(values) }));
  }
}
