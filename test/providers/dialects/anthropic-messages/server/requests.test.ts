// Every recorded request of the Messages API, read into neutral form and written anew, asks the same.
import { describe, expect, it } from "vitest";
import {
  anthropicMessages,
  anthropicMessagesServer,
} from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { Conversation } from "../../../../../providers/dialects/conversation.ts";
import { recordings } from "../../../../support/recordings.ts";

type Json = Readonly<Record<string, unknown>>;
type Block = Json & { readonly type: string };

/** One that its source made to be refused. */
const malformed = "anthropic-completion-error";
/** Its model has no effort `xhigh`, which the API refused and our client side rounds down. */
const roundedDown = "test_anthropic-test_anthropic_explicit_effort_xhigh_unsupported_model_errors.0";
const requests = recordings("anthropic", { dialect: "anthropic-messages", hasRequest: true }).filter(
  ({ name, path }) => name !== malformed && !path?.includes("count_tokens"),
);

function read(request: Json): Conversation {
  const result = anthropicMessagesServer.read(request);
  if (!("messages" in result)) throw new Error(`${result.param}: ${result.message}`);
  return result;
}

const blocksOf = (content: unknown): readonly Block[] =>
  typeof content === "string" ? [{ type: "text", text: content }] : (content as readonly Block[]);

/** One way to say a block where there are several. */
function normalBlock(block: Block): readonly Json[] {
  switch (block.type) {
    case "text":
      return String(block.text).trim() === "" ? [] : [defined({ type: "text", text: block.text, ...marker(block) })];
    case "document": {
      // Citations can't be asked of other vendors (and are reported); the rest stays.
      const { citations, ...rest } = block;
      return [rest];
    }
    case "tool_result": {
      const { content, is_error, ...rest } = block;
      const inner = content === undefined ? [] : blocksOf(content).flatMap(normalBlock);
      return [{ ...rest, content: inner, ...(is_error === true && { is_error }) }];
    }
    default:
      return [block];
  }
}

function marker({ cache_control }: Json): Json {
  return cache_control === undefined || cache_control === null ? {} : { cache_control };
}

function defined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));
}

/** Claude Code's line for Anthropic's accounting is none. */
function isPrompt({ text }: Block): boolean {
  return !String(text).startsWith("x-anthropic-billing-header:");
}

/**
 * What a request asks, in one form:
 * - text as blocks, without blank ones; turns of one role joined; results first, as the API wants them;
 * - a marker on the body at the last block;
 * - only tools that are functions, without the members that tell how they are loaded;
 * - `max_tokens` without the thinking budget (our client side adds it, so that the answer keeps its room);
 * - effort as thinking, `high` where none is named, and none where thinking is off;
 * - no member that asks for what happens anyway.
 */
function normal(request: Json, { knowsXhigh = true } = {}): Json {
  const messages: { role: string; content: Json[] }[] = [];
  for (const { role, content } of request.messages as readonly { role: string; content: unknown }[]) {
    const blocks = blocksOf(content).flatMap(normalBlock);
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  }
  const final = messages.at(-1)?.content;
  const end = final?.at(-1);
  if (final !== undefined && end !== undefined && request.cache_control) {
    final[final.length - 1] = { ...end, cache_control: request.cache_control };
  }
  const tools = ((request.tools ?? []) as readonly Json[])
    .filter(({ type }) => type === undefined || type === null || type === "custom")
    .map(({ name, description, input_schema, strict, cache_control }) =>
      defined({ name, description, input_schema, strict, cache_control }),
    );
  const config = (request.output_config ?? {}) as Json;
  const implied = typeof config.effort === "string" ? { type: "adaptive" } : undefined;
  const thinking = (request.thinking ?? implied) as { type: string; budget_tokens?: number } | undefined;
  const effort = config.effort ?? (thinking?.type === "adaptive" ? "high" : undefined);
  return defined({
    max_tokens: request.max_tokens,
    thinking,
    effort: thinking?.type === "disabled" ? undefined : effort === "xhigh" && !knowsXhigh ? "high" : effort,
    format: config.format ?? request.output_format,
    system: request.system === undefined ? undefined : blocksOf(request.system).filter(isPrompt).flatMap(normalBlock),
    messages,
    tools,
    tool_choice: tools.length > 0 ? request.tool_choice : undefined,
    temperature: request.temperature === 1 ? undefined : request.temperature,
    stop_sequences: request.stop_sequences,
    metadata: request.metadata,
    stream: request.stream === true ? true : undefined,
  });
}

const reasons = new Map<string, number>();
const count = (reason: string) => reasons.set(reason, (reasons.get(reason) ?? 0) + 1);

describe("a recorded request", () => {
  it.each(requests.map((recording) => [recording.name, recording] as const))(
    "asks the same when it is read and written anew: %s",
    (_name, recording) => {
      const request = recording.request as Json;
      const conversation = read(request);
      const foreign = conversation.foreign ?? [];
      for (const { member, reason } of foreign) count(reason.includes("block") ? reason : member.replace(/\d+/g, "i"));
      const encoded = anthropicMessages.encode(conversation, {
        providerId: "anthropic",
        model: String(request.model),
        traits: {},
      });
      // What only Anthropic can be sent is refused by the gateway before it comes to this.
      if (foreign.some(({ droppable }) => !droppable)) return;
      expect(normal(encoded.body)).toEqual(normal(request, { knowsXhigh: recording.name !== roundedDown }));
    },
  );

  it.each(requests.filter(({ name }) => name.startsWith("claude-agent-sdk")).map((one) => [one.name, one] as const))(
    "of Claude Code has nothing that other vendors can't be asked: %s",
    (_name, { request }) => {
      const { foreign, extras } = read(request as Json);
      expect({ foreign, extras }).toEqual({ foreign: undefined, extras: {} });
    },
  );

  it("is named what it has that only Anthropic can be sent", () => {
    console.log(`recorded requests read: ${requests.length}; foreign to other dialects:`);
    console.log([...reasons].map(([reason, times]) => `${times} × ${reason}`).join("\n"));
    expect(requests.length).toBeGreaterThan(80);
  });
});
