// The cases of the fault table: each fault with each client, put to a gateway; and what was seen of it on all sides.
import type { Replay } from "../../support/replay.ts";
import { ask, type ClientDialect, type Seen } from "./clients.ts";
import type { Fault } from "./table.ts";
import { type Answer, standby, type UpstreamDialect, upstreams } from "./upstreams.ts";

/** Who asks, and whom. */
export interface Lane {
  readonly client: ClientDialect;
  readonly model: string;
  readonly upstream: UpstreamDialect;
}

export const standbyModel = "groq/llama-3.3-70b-versatile";

/** The client's own dialect at the provider: answers are passed on. */
const passed: readonly Lane[] = [
  { client: "openai-chat", model: "openai/gpt-4o", upstream: "openai-chat" },
  { client: "openai-responses", model: "openai/gpt-4o", upstream: "openai-responses" },
  { client: "anthropic-messages", model: "anthropic/claude-sonnet-4-5", upstream: "anthropic-messages" },
  { client: "gemini", model: "google/gemini-2.5-flash", upstream: "gemini" },
];

/** Another one: answers are translated. */
const translated: readonly Lane[] = [
  { client: "openai-chat", model: "anthropic/claude-sonnet-4-5", upstream: "anthropic-messages" },
  { client: "openai-responses", model: "google/gemini-2.5-flash", upstream: "gemini" },
  { client: "anthropic-messages", model: "openai/gpt-4o", upstream: "openai-chat" },
  { client: "gemini", model: "anthropic/claude-sonnet-4-5", upstream: "anthropic-messages" },
];

export interface Case {
  readonly id: string;
  readonly fault: Fault;
  readonly lane: Lane;
  /** Whether another deployment is left. */
  readonly left: boolean;
}

/** The record of a call, as `GET /v1/generations/{id}` gives it. */
export interface Generation {
  readonly status: string;
  readonly error_code: string | null;
  readonly http_status: number | null;
  readonly cost_usd: string | null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number; readonly estimated: boolean } | null;
  readonly attempts: readonly { readonly provider: string; readonly result: string }[];
}

export interface Result {
  readonly of: Case;
  readonly seen: Seen;
  readonly record: Generation;
  /** Requests that reached an upstream for this call. */
  readonly requests: number;
}

export function casesOf(faults: readonly Fault[]): readonly Case[] {
  return (
    faults
      .flatMap((fault) => (fault.translated ? [...passed, ...translated] : passed).map((lane) => ({ fault, lane })))
      .flatMap((pair) => [true, false].map((left) => ({ ...pair, left })))
      // Waiting costs time, and who translates waits alike.
      .filter((one) => one.left || passed.includes(one.lane) || !waits(one.fault, one.lane))
      .map((one, at) => ({ ...one, id: `case-${String(at).padStart(5, "0")}` }))
  );
}

/** Whether a case takes its time, as its upstream does. */
export function isSlow({ fault, lane }: Case): boolean {
  return waits(fault, lane);
}

function waits({ steps, mode }: Fault, lane: Lane): boolean {
  const upstream = upstreams[lane.upstream];
  const taken = steps?.(upstream[mode], upstream) ?? [{ kind: "hang" } as const];
  return taken.some((step) => typeof step === "object" && "kind" in step && /hang|wait/.test(step.kind));
}

export function answerOf({ fault, lane }: Case): Answer {
  return upstreams[lane.upstream][fault.mode];
}

/** Serves the other deployment for all calls that come to it. */
export function serveStandby(replay: Replay): void {
  for (const mode of ["whole", "stream"] as const) {
    replay.serve(standby[mode].recording, {
      match: ({ path, body }) => path.startsWith("/groq/") && body.includes('"stream":true') === (mode === "stream"),
      times: Number.POSITIVE_INFINITY,
    });
  }
}

/** Makes the call of a case, and reads its answer and its record. */
export async function play(
  gateway: { readonly url: string; readonly key: string },
  replay: Replay,
  one: Case,
): Promise<Result> {
  const { fault, lane, left, id } = one;
  const { steps } = fault;
  if (steps !== undefined) {
    replay.script(() => steps(answerOf(one), upstreams[lane.upstream]), {
      match: ({ path, body }) => !path.startsWith("/groq/") && body.includes(id),
    });
  }
  const seen = await ask(gateway, lane.client, {
    model: fault.provider === undefined ? lane.model : `${fault.provider}/m`,
    models: left ? [standbyModel] : [],
    stream: fault.mode === "stream",
    prompt: `Say something (${id}).`,
  });
  const record = await recordOf(gateway, seen.headers.get("x-request-id"));
  return { of: one, seen, record, requests: replay.requests.filter(({ body }) => body.includes(id)).length };
}

/** The call's record, once it is settled. */
export async function recordOf(
  gateway: { readonly url: string; readonly key: string },
  id: string | null,
): Promise<Generation> {
  let answer = "";
  for (let tries = 0; tries < 200; tries += 1) {
    const response = await fetch(`${gateway.url}/v1/generations/${id}`, {
      headers: { authorization: `Bearer ${gateway.key}` },
    });
    answer = await response.text();
    const record = JSON.parse(answer) as Generation;
    if (response.status === 200 && record.status !== "running") return record;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`call ${id} was not settled: ${answer}`);
}

/** Does the work for all, so many at a time, of which each begins so many milliseconds after the one before it. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
  apartMs = 0,
): Promise<R[]> {
  const results: R[] = [];
  let at = 0;
  const worker = async (_: unknown, number: number): Promise<void> => {
    if (apartMs > 0) await new Promise((resolve) => setTimeout(resolve, number * apartMs));
    while (at < items.length) {
      const mine = at++;
      results[mine] = await work(items[mine] as T);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
