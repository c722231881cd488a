// What a peek costs beside parsing the same body, which every call needs anyhow: `node test/bench/peek.ts`. Read the ratios:
// machines differ, and so does one machine from minute to minute.
import { anthropicMessagesServer } from "../../providers/dialects/anthropic-messages/index.ts";
import type { ServerDialect } from "../../providers/dialects/dialect.ts";
import { geminiServer } from "../../providers/dialects/gemini/index.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../../providers/dialects/openai-responses/index.ts";

const rounds = 7;
const words = 'The quick brown fox jumps over the lazy dog, and nobody "quotes" it.\n';
const said = (characters: number): string => words.repeat(Math.ceil(characters / words.length));

const parameters = {
  type: "object",
  properties: Object.fromEntries(
    ["path", "pattern", "limit", "offset", "recursive"].map((name) => [
      name,
      { type: "string", description: `What ${name} is for, in a sentence that tells the model when to use it.` },
    ]),
  ),
  required: ["path"],
};
const names = Array.from({ length: 20 }, (_, at) => `tool_${at}`);
const description = said(300);

interface Shape {
  readonly dialect: ServerDialect;
  body(turns: readonly string[], withTools: boolean): object;
}

const assistant = (at: number): boolean => at % 2 === 1;
const shapes: readonly Shape[] = [
  {
    dialect: openaiChatServer,
    body: (turns, withTools) => ({
      model: "m",
      messages: turns.map((content, at) => ({ role: assistant(at) ? "assistant" : "user", content })),
      ...(withTools && {
        tools: names.map((name) => ({ type: "function", function: { name, description, parameters } })),
      }),
    }),
  },
  {
    dialect: openaiResponsesServer,
    body: (turns, withTools) => ({
      model: "m",
      input: turns.map((text, at) =>
        assistant(at)
          ? { type: "message", role: "assistant", content: [{ type: "output_text", text }] }
          : { role: "user", content: [{ type: "input_text", text }] },
      ),
      ...(withTools && { tools: names.map((name) => ({ type: "function", name, description, parameters })) }),
    }),
  },
  {
    dialect: anthropicMessagesServer,
    body: (turns, withTools) => ({
      model: "m",
      max_tokens: 1000,
      messages: turns.map((text, at) => ({
        role: assistant(at) ? "assistant" : "user",
        content: [{ type: "text", text }],
      })),
      ...(withTools && { tools: names.map((name) => ({ name, description, input_schema: parameters })) }),
    }),
  },
  {
    dialect: geminiServer,
    body: (turns, withTools) => ({
      contents: turns.map((text, at) => ({ role: assistant(at) ? "model" : "user", parts: [{ text }] })),
      ...(withTools && { tools: [{ functionDeclarations: names.map((name) => ({ name, description, parameters })) }] }),
    }),
  },
];

const conversations = {
  "one short message": { turns: [said(100)], withTools: false, times: 100_000 },
  "100 messages of 500 characters": {
    turns: Array.from({ length: 100 }, () => said(500)),
    withTools: false,
    times: 2_000,
  },
  "100 messages and 20 tools": { turns: Array.from({ length: 100 }, () => said(500)), withTools: true, times: 2_000 },
  "a prompt of 100,000 tokens": { turns: [said(400_000)], withTools: false, times: 500 },
};

let seen = 0;
for (const [title, { turns, withTools, times }] of Object.entries(conversations)) {
  console.log(title);
  for (const { dialect, body } of shapes) {
    const text = JSON.stringify(body(turns, withTools));
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const parse = (): void => {
      seen += Object.keys(JSON.parse(text)).length;
    };
    const peek = (): void => {
      seen += dialect.peek(parsed).textLength;
    };
    for (const run of [parse, peek]) measure(run, times);
    const parsing: number[] = [];
    const peeking: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      parsing.push(measure(parse, times));
      peeking.push(measure(peek, times));
    }
    const [parsingUs, peekingUs] = [median(parsing), median(peeking)];
    const ratio = ((100 * peekingUs) / parsingUs).toFixed(1).padStart(5);
    console.log(
      `  ${dialect.id.padEnd(20)} parse ${parsingUs.toFixed(2).padStart(8)} µs   peek ${peekingUs.toFixed(2).padStart(6)} µs   ${ratio} %`,
    );
  }
}
if (seen === 0) throw new Error("nothing was seen");

/** Microseconds of CPU for each run. */
function measure(run: () => void, times: number): number {
  const from = process.cpuUsage();
  for (let at = 0; at < times; at += 1) run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
