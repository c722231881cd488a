// Compares what the provider's own SDK reads with what the `openai` SDK reads through Turnpike. Every allowance is listed here.
import { expect } from "vitest";
import type { ReadFailure, Reading, ReadResult, ReadToolCall, ReadUsage } from "../support/reading.ts";

/**
 * Fails unless both readings say the same. Allowed to differ:
 * - the id of a tool call that the provider gave none: Turnpike must make one, unique in the answer;
 * - usage that the provider did not report: Turnpike counts it itself;
 * - usage details that the provider did not report, which Turnpike may tell as 0.
 */
export function expectSameReading(direct: Reading, through: ReadResult): void {
  if (through.kind === "failure") expect.fail(`an answer became an error: ${JSON.stringify(through.failure)}`);
  const made = through.reading;
  const ids = made.choices.flatMap(({ toolCalls }) => toolCalls.map(({ id }) => id));
  expect(ids.every((id) => typeof id === "string" && id !== "")).toBe(true);
  expect(new Set(ids).size, "each tool call has an id of its own").toBe(ids.length);
  const choices = made.choices.map((choice, index) => ({
    ...choice,
    toolCalls: choice.toolCalls.map((call, at) => withKnownId(call, direct.choices[index]?.toolCalls[at])),
  }));
  expect(choices).toEqual(direct.choices);
  if (direct.usage !== null) expect(comparable(made.usage, direct.usage)).toEqual(direct.usage);
}

function withKnownId(call: ReadToolCall, direct: ReadToolCall | undefined): ReadToolCall {
  return direct?.id === null ? { ...call, id: null } : call;
}

function comparable(through: ReadUsage | null, direct: ReadUsage): ReadUsage | null {
  if (through === null) return null;
  const detail = (name: "cached" | "cacheWrite" | "reasoning") =>
    direct[name] === null && through[name] === 0 ? null : through[name];
  return { ...through, cached: detail("cached"), cacheWrite: detail("cacheWrite"), reasoning: detail("reasoning") };
}

/**
 * What a caller is told for a provider's status. A credential that the provider refuses is the gateway's, not the caller's,
 * so 401 and 403 become a 502 (docs, "Errors").
 */
const told: Readonly<Record<number, { readonly status: number; readonly code: string }>> = {
  400: { status: 400, code: "invalid_request" },
  401: { status: 502, code: "upstream_error" },
  403: { status: 502, code: "upstream_error" },
  404: { status: 404, code: "model_not_found" },
  429: { status: 429, code: "rate_limit_exceeded" },
};

/** Fails unless the provider's error reached the caller as an error of the same class in OpenAI's shape. */
export function expectSameFailure(direct: ReadFailure, through: ReadResult): void {
  if (through.kind === "reading") expect.fail(`an error became an answer: ${JSON.stringify(through.reading)}`);
  const expected = told[direct.status ?? 0];
  if (expected === undefined) expect.fail(`no expectation for status ${direct.status}`);
  expect(through.failure).toMatchObject(expected);
  expect(through.failure.type, "an OpenAI error has a type").toEqual(expect.any(String));
  expect(through.failure.message.length).toBeGreaterThan(0);
}
