// The fault table, as data: how an upstream fails, at which stage of its answer, and what must become of the call.
import { gzipSync } from "node:zlib";
import type { Step } from "../../support/answers.ts";
import type { Answer, Upstream } from "./upstreams.ts";

export type Mode = "whole" | "stream";

export const stages = [
  "before the headers",
  "after the headers",
  "before content",
  "after the first content",
  "before the finish",
  "after the finish",
] as const;
export type Stage = (typeof stages)[number];

/**
 * What becomes of a call whose upstream fails so.
 * - `answered`: the client gets this upstream's whole answer: what happened is no failure.
 * - `fails`: where another deployment is left, the client gets that one's whole answer; else it is told this error. With
 *   `everywhere` it is told so at once.
 * - `cut`: the client has content already: its stream ends with this error, whatever is left.
 * `result` is what the record of the attempt says.
 */
export type Outcome =
  | { readonly kind: "answered" }
  | {
      readonly kind: "fails";
      readonly result: string;
      readonly status: number;
      readonly code: string;
      everywhere?: true;
    }
  | { readonly kind: "cut"; readonly result: string; readonly code: string };

export interface Fault {
  readonly name: string;
  readonly stage: Stage;
  readonly mode: Mode;
  /** Absent where the connection itself fails: then this provider is asked. */
  readonly steps?: (answer: Answer, upstream: Upstream) => readonly (Step | string | Uint8Array)[];
  readonly provider?: string;
  readonly outcome: Outcome;
  /** Whether it is tried with answers that must be translated, too: where that makes a difference. */
  readonly translated: boolean;
}

type Steps = NonNullable<Fault["steps"]>;
type Failure = Omit<Extract<Outcome, { kind: "fails" }>, "kind">;

const network: Failure = { result: "network", status: 502, code: "upstream_error" };
const timeout: Failure = { result: "timeout", status: 504, code: "upstream_timeout" };
const protocol: Failure = { result: "protocol", status: 502, code: "upstream_invalid_response" };
const server: Failure = { result: "server", status: 502, code: "upstream_error" };
const overloaded: Failure = { result: "overloaded", status: 503, code: "upstream_error" };
const rateLimit: Failure = { result: "rate_limit", status: 429, code: "rate_limit_exceeded" };
const ours = (result: string): Failure => ({ result, status: 502, code: "upstream_error" });

/** What has been sent when a stage is reached. */
function until(stage: Stage, { head, preamble, first, rest, finish }: Answer): (Step | string)[] {
  return [head, preamble, first, rest, finish].slice(0, stages.indexOf(stage)).filter((piece) => piece !== "");
}

/** What a failure comes to at a stage. */
function outcomeAt(stage: Stage, mode: Mode, failure: Failure): Outcome {
  if (stage === "after the finish") return { kind: "answered" };
  const late = stage === "after the first content" || stage === "before the finish";
  if (mode === "stream" && late) return { kind: "cut", result: failure.result, code: failure.code };
  return { kind: "fails", ...failure };
}

const wholeStages: readonly Stage[] = [
  "before the headers",
  "after the headers",
  "after the first content",
  "after the finish",
];

/** The same end at every stage. */
function everywhere(name: string, failure: Failure, end: readonly Step[], but: readonly Stage[] = []): Fault[] {
  const at = (mode: Mode, stage: Stage): Fault => ({
    name,
    stage,
    mode,
    steps: (answer) => [...until(stage, answer), ...end],
    outcome: outcomeAt(stage, mode, failure),
    translated: true,
  });
  return [
    ...stages.filter((stage) => !but.includes(stage)).map((stage) => at("stream", stage)),
    ...wholeStages.filter((stage) => !but.includes(stage)).map((stage) => at("whole", stage)),
  ];
}

function both(name: string, stage: Stage, outcome: Outcome, steps: Steps): Fault[] {
  return (["whole", "stream"] as const).map((mode) => ({ name, stage, mode, steps, outcome, translated: false }));
}

function one(mode: Mode, name: string, stage: Stage, failure: Failure, steps: Steps): Fault {
  return { name, stage, mode, steps, outcome: outcomeAt(stage, mode, failure), translated: true };
}

const json = { "content-type": "application/json" };
const head = (status: number, headers: Record<string, string> = json): Step => ({ kind: "head", status, headers });

function refuses(status: number, failure: Failure): Fault[] {
  return both(`${status}`, "before the headers", { kind: "fails", ...failure }, (_answer, { refusal }) => [
    head(status),
    refusal(`upstream says ${status}`),
  ]);
}

/** A refusal whose body is odd: its status says enough. */
function oddly(name: string, failure: Failure, steps: Steps): Fault[] {
  return both(name, "after the headers", { kind: "fails", ...failure }, steps);
}

/** Nothing is reached at all; the provider has this name in the gateway's settings. */
function unreachable(name: string, provider: string, failure: Failure): Fault[] {
  return (["whole", "stream"] as const).map((mode) => ({
    name,
    stage: "before the headers",
    mode,
    provider,
    outcome: { kind: "fails", ...failure },
    translated: false,
  }));
}

const answered: Outcome = { kind: "answered" };
const page = `<html><head><title>502 Bad Gateway</title></head><body>${"nginx ".repeat(20)}</body></html>`;
const spoiled = 'data: {"spoiled": \n\n';
const all = (answer: Answer): (Step | string)[] => until("after the finish", answer);
const bodyOf = ({ preamble, first, rest, finish }: Answer): string => preamble + first + rest + finish;

/** A whole answer from its beginning on, a stream after its first content: some bytes one by one, longer than any time-out. */
function drip(answer: Answer): (Step | string)[] {
  const { stream } = answer.recording;
  const body = stream ? answer.rest + answer.finish : bodyOf(answer);
  const slow = [...body.slice(0, 90)].flatMap((byte): (Step | string)[] => [{ kind: "wait", ms: 50 }, byte]);
  return [...until(stream ? "before the finish" : "before content", { ...answer, rest: "" }), ...slow, body.slice(90)];
}

export const faults: readonly Fault[] = [
  ...unreachable("connection refused", "refused", network),
  ...unreachable("no such host", "nohost", network),
  ...unreachable("TLS to a plain port", "plain", network),
  ...unreachable("connection not made in time", "full", timeout),

  ...everywhere("RST", network, [{ kind: "reset" }]),
  ...everywhere("FIN", network, [{ kind: "close" }]),
  ...everywhere("silence", timeout, [{ kind: "hang" }]),
  // Its proper end, without the dialect's: a whole answer that ends after its finish, and an end before headers, are none.
  ...everywhere("end", protocol, [], ["before the headers", "after the finish"]),

  ...refuses(400, { result: "bad_request", status: 400, code: "invalid_request", everywhere: true }),
  ...refuses(401, ours("authentication")),
  ...refuses(402, ours("quota")),
  ...refuses(403, ours("permission")),
  ...refuses(404, { result: "not_found", status: 404, code: "model_not_found" }),
  ...refuses(408, timeout),
  ...refuses(429, rateLimit),
  ...refuses(500, server),
  ...refuses(502, server),
  ...refuses(503, overloaded),
  ...refuses(504, timeout),
  ...refuses(529, overloaded),

  ...oddly("500, an HTML page", server, () => [head(500, { "content-type": "text/html" }), page]),
  ...oddly("502, no body", server, () => [head(502, {})]),
  ...oddly("500, a huge body", server, () => [head(500), `{"error":"${"x".repeat(1024 * 1024)}`]),
  ...oddly("500, body reset", server, () => [head(500), { kind: "reset" }]),
  ...oddly("503, body cut", overloaded, () => [
    head(503, { ...json, "content-length": "900" }),
    "{",
    { kind: "close" },
  ]),
  ...oddly("429, body never ends", rateLimit, () => [head(429), "{", { kind: "hang" }]),
  ...oddly("redirect", protocol, () => [head(302, { location: "http://127.0.0.1:1/" }), "moved"]),
  ...oddly("204", protocol, () => [head(204, {})]),
  ...oddly("200, an HTML page", protocol, () => [head(200, { "content-type": "text/html" }), page]),
  ...oddly("200, an error as JSON", server, (_answer, { refusal }) => [head(200), refusal("no")]),
  ...oddly("200, not an object", protocol, () => [head(200), "[]"]),
  ...oddly("gzip unasked", protocol, (answer) => [
    head(200, { ...typeOf(answer), "content-encoding": "gzip" }),
    gzipSync(bodyOf(answer)),
  ]),
  ...oddly("not HTTP", network, () => [{ kind: "raw", bytes: "SSH-2.0-OpenSSH_9.6\r\n" }, { kind: "close" }]),
  one("whole", "JSON cut", "after the first content", protocol, ({ head: begun, first }) => [begun, first]),
  one("stream", "a whole answer instead", "after the headers", protocol, (_answer, { whole }) => all(whole)),

  ...(["before content", "after the first content", "before the finish"] as const).flatMap((stage) => [
    one("stream", "malformed frame", stage, protocol, (answer) => [...until(stage, answer), spoiled + answer.finish]),
    one("stream", "error event", stage, overloaded, (answer, upstream) => [
      ...until(stage, answer),
      upstream.overloaded,
    ]),
  ]),
  one("stream", "only comments", "after the headers", timeout, ({ head: begun }) => [
    begun,
    ...Array.from({ length: 400 }, () => [": wait\n\n", { kind: "wait", ms: 20 } as const]).flat(),
  ]),

  ...both("103 first", "before the headers", answered, (answer) => [
    { kind: "raw", bytes: "HTTP/1.1 103 Early Hints\r\nlink: </style>\r\n\r\n" },
    ...all(answer),
  ]),
  ...both("late headers, in time", "before the headers", answered, (answer) => [
    { kind: "wait", ms: 400 },
    ...all(answer),
  ]),
  ...both("late content, in time", "after the headers", answered, (answer) => [
    answer.head,
    { kind: "wait", ms: 400 },
    bodyOf(answer),
  ]),
  ...both("slow drip", "after the first content", answered, drip),
  ...both("content-length too long", "after the finish", answered, (answer) => [
    head(200, { ...typeOf(answer), "content-length": String(Buffer.byteLength(bodyOf(answer)) + 100) }),
    bodyOf(answer),
    { kind: "close" },
  ]),
];

function typeOf({ head: begun }: Answer): Readonly<Record<string, string>> {
  return begun.kind === "head" ? begun.headers : {};
}
