// Every recorded answer of the Messages API, decoded and written anew, is read by Anthropic's SDK as the recording itself is.
import Anthropic from "@anthropic-ai/sdk";
import type { ContentBlock, Message, Usage } from "@anthropic-ai/sdk/resources/messages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import { type Recording, recordings } from "../../../../support/recordings.ts";
import { type Replay, startReplay } from "../../../../support/replay.ts";
import { framesOf } from "../support/events.ts";
import { readBySdk, translated, written } from "./writing.ts";

const answers = recordings("anthropic", { dialect: "anthropic-messages", failed: false });

/** Recordings whose host sent several messages in one stream; the SDK refuses the second `message_start`. */
const spliced: readonly string[] = [
  "anthropic-duplicate-message-start.chunks",
  "anthropic-spliced-message-start.chunks",
  "anthropic-anthropic-tool-search-deferred-bm25.chunks",
];
/** Other endpoints' answers, which the source filed under messages. */
const isMessage = ({ stream, response }: Recording) => stream || "content" in (JSON.parse(response) as object);
const comparable = answers.filter((recording) => !spliced.includes(recording.name) && isMessage(recording));

/** Blocks that have no neutral form: what a tool at Anthropic was asked and answered. */
const notCarried: readonly string[] = [
  "server_tool_use",
  "web_search_tool_result",
  "web_fetch_tool_result",
  "code_execution_tool_result",
  "bash_code_execution_tool_result",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "advisor_tool_result",
  "mcp_tool_use",
  "mcp_tool_result",
];
/** Their totals leave out what compaction used, or what an advisor did not: the counters are those of `iterations`. */
const iterated = (usage: Usage) => "iterations" in usage && usage.iterations !== null;

let replay: Replay;
const left = new Map<string, number>();
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

async function direct(recording: Recording): Promise<Message> {
  const { url } = replay.serve(recording, { match: () => false });
  const client = new Anthropic({ apiKey: "test", baseURL: url, maxRetries: 0, timeout: 30_000 });
  const params = { model: "any", max_tokens: 1, messages: [{ role: "user" as const, content: "any" }] };
  const message = await (recording.stream
    ? client.messages.stream(params).finalMessage()
    : client.messages.create(params));
  return JSON.parse(JSON.stringify(message)) as Message;
}

function rewritten(recording: Recording): string {
  if (recording.stream) return translated(anthropicMessages, framesOf(recording.response));
  const completion = anthropicMessages.decode(JSON.parse(recording.response));
  if ("kind" in completion) throw new Error(`decoded as a failure: ${completion.message}`);
  return written(completion);
}

/** The blocks that are carried, without what only tools at Anthropic need. */
function carried(blocks: readonly ContentBlock[]): readonly unknown[] {
  return blocks.flatMap((block): readonly unknown[] => {
    switch (block.type) {
      case "text":
        // An empty text says nothing; it comes before server tools.
        return block.text === "" ? [] : [{ ...block, citations: block.citations?.length ? block.citations : null }];
      case "tool_use": {
        const { type, id, name, input } = block;
        return [{ type, id, name, input }];
      }
      case "thinking":
      case "redacted_thinking":
        return [block];
      default:
        left.set(block.type, (left.get(block.type) ?? 0) + 1);
        expect(notCarried).toContain(block.type);
        return [];
    }
  });
}

/** Why Anthropic's model refused stands beside the content; written anew, it is said there. */
function explanation({ stop_details }: Message): readonly unknown[] {
  const text = stop_details?.explanation ?? "";
  return text === "" ? [] : [{ type: "text", text, citations: null }];
}

function counters(usage: Usage) {
  return {
    input: usage.input_tokens,
    read: usage.cache_read_input_tokens ?? null,
    written: usage.cache_creation_input_tokens ?? null,
    output: usage.output_tokens,
    thinking: usage.output_tokens_details?.thinking_tokens ?? null,
    tier: usage.service_tier ?? null,
  };
}

describe("a recorded answer written anew", () => {
  it.each(comparable.map((recording) => [recording.name, recording] as const))(
    "is what the SDK reads from the recording: %s",
    async (_name, recording) => {
      const told = await direct(recording);
      const read = await readBySdk(replay, rewritten(recording));
      expect(carried(read.content)).toEqual([...carried(told.content), ...explanation(told)]);
      expect(read).toMatchObject({ id: told.id, type: "message", role: "assistant", model: "a-model" });
      expect(read.stop_reason).toBe(told.stop_reason);
      expect(read.stop_sequence).toBe(told.stop_sequence ?? null);
      if (iterated(told.usage)) return;
      expect(counters(read.usage)).toEqual(counters(told.usage));
      if (told.usage.cache_creation && told.usage.cache_creation_input_tokens !== undefined) {
        expect(read.usage.cache_creation).toEqual(told.usage.cache_creation);
      }
    },
  );

  it("leaves out nothing but what tools at Anthropic asked and answered", () => {
    const streams = comparable.filter(({ stream }) => stream).length;
    const counts = [...left].map(([type, count]) => `${type} ${count}`).join(", ");
    console.log(`Anthropic recordings written anew: ${comparable.length - streams} whole, ${streams} streams`);
    console.log(`blocks left out: ${counts}`);
    expect(comparable.length).toBe(answers.length - spliced.length - answers.filter((one) => !isMessage(one)).length);
    expect([...left.keys()].every((type) => notCarried.includes(type))).toBe(true);
  });
});
