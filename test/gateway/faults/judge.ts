// What a case must come to, and what it came to, in the same words: so that a difference reads as a sentence.
import { answerOf, type Case, type Result } from "./cases.ts";
import { errorType } from "./clients.ts";
import type { Fault } from "./table.ts";
import { type Answer, standby } from "./upstreams.ts";

/** A result in short. */
export interface Verdict {
  readonly who: string;
  readonly status: number;
  /** A stream that is cut before its finish may have said all that it had to say. */
  readonly text: "the upstream's, whole" | "the other's, whole" | "a part" | "none" | "something else";
  readonly ended: boolean;
  readonly litter: number;
  /** The error's code and type, in the client's dialect. */
  readonly error: readonly [string | null, string | null] | null;
  /** Results of the attempts, in order. */
  readonly attempts: readonly string[];
  readonly requests: number;
  readonly record: readonly [outcome: string, code: string | null, status: number | null];
  readonly usage: readonly [input: number, output: number] | "counted" | null;
  readonly costs: boolean;
}

export function verdictOf({ of, seen, record, requests }: Result): Verdict {
  const { usage } = record;
  return {
    who: nameOf(of),
    status: seen.status,
    text: textOf(of, seen.text),
    ended: seen.ended,
    litter: seen.litter,
    error: seen.error === null ? null : [seen.error.code, seen.error.type],
    attempts: record.attempts.map(({ result }) => result),
    requests,
    record: [record.status, record.error_code, record.http_status],
    usage: usage === null ? null : usage.estimated ? "counted" : [usage.input_tokens, usage.output_tokens],
    costs: Number(record.cost_usd) > 0,
  };
}

export function expectedOf(one: Case): Verdict {
  const { fault, lane, left } = one;
  const { outcome, mode } = fault;
  const reached = fault.provider === undefined ? 1 : 0;
  const common = { who: nameOf(one), litter: 0 };
  const served = { ...common, status: 200, ended: true, error: null, costs: true } as const;
  if (outcome.kind === "answered") {
    return {
      ...served,
      text: "the upstream's, whole",
      attempts: ["ok"],
      requests: 1,
      record: ["completed", null, 200],
      usage: usageIn(answerOf(one)),
    };
  }
  const { result, code } = outcome;
  if (outcome.kind === "fails" && left && outcome.everywhere !== true) {
    return {
      ...served,
      text: "the other's, whole",
      attempts: [result, "ok"],
      requests: reached + 1,
      record: ["completed", null, 200],
      usage: usageIn(standby[mode]),
    };
  }
  const attempts = { attempts: [result], requests: reached };
  if (outcome.kind === "fails") {
    return {
      ...common,
      ...attempts,
      status: outcome.status,
      text: "none",
      ended: false,
      error: [code, errorType(lane.client, outcome.status)],
      record: ["failed", code, outcome.status],
      usage: null,
      costs: false,
    };
  }
  return {
    ...common,
    ...attempts,
    status: 200,
    text: "a part",
    ended: false,
    error: [code, errorType(lane.client, statusOf[result] ?? 502)],
    record: ["cut", code, 200],
    usage: "counted",
    costs: true,
  };
}

/** The statuses that errors inside a stream would have had; what is absent is a 502. */
const statusOf: Readonly<Record<string, number>> = { timeout: 504, overloaded: 503 };

/** What was seen, a line for each fault, stage and mode; what clients of different dialects saw differently stands side by side. */
export function summaryOf(results: readonly Result[]): string {
  const lines = new Map<Fault, { readonly left: Set<string>; readonly alone: Set<string> }>();
  for (const { of, seen, record } of results) {
    const line = lines.get(of.fault) ?? { left: new Set(), alone: new Set() };
    lines.set(of.fault, line);
    const answer = seen.error === null ? "whole answer" : seen.error.code;
    const attempts = record.attempts.map(({ result }) => result).join(" → ");
    line[of.left ? "left" : "alone"].add(`${seen.status} ${answer} (${attempts})`);
  }
  const rows = [...lines].map(([{ name, stage, mode }, { left, alone }]) => {
    return [name, stage, mode, [...left].join(" / "), [...alone].join(" / ")].join(" | ");
  });
  return ["fault | stage | mode | another is left | none is left", ...rows].join("\n");
}

function nameOf({ fault, lane, left }: Case): string {
  const asked = `${lane.client} asks ${fault.provider ?? lane.upstream}`;
  return `${asked}, ${fault.mode}, ${left ? "another is left" : "none is left"}`;
}

function textOf(one: Case, text: string): Verdict["text"] {
  const own = one.fault.provider === undefined ? answerOf(one).text : "";
  if (text === "") return "none";
  if (text === own) return one.fault.outcome.kind === "cut" ? "a part" : "the upstream's, whole";
  if (text === standby[one.fault.mode].text) return "the other's, whole";
  return own.startsWith(text) ? "a part" : "something else";
}

/** The tokens that a recording reports, read without any of the gateway's code. None of them has cached tokens beside its input. */
function usageIn({ recording: { response } }: Answer): readonly [number, number] {
  const last = (names: string): number =>
    Number([...response.matchAll(new RegExp(`"(?:${names})": ?(\\d+)`, "g"))].at(-1)?.[1]);
  return [
    last("prompt_tokens|input_tokens|promptTokenCount"),
    last("completion_tokens|output_tokens|candidatesTokenCount"),
  ];
}
