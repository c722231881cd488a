// The heavy calls: what one client sends, or has a provider answer, while others want theirs.
import { type Saying, small } from "./upstream.ts";

export interface Heavy {
  readonly name: string;
  readonly path: string;
  readonly body: string;
  readonly saying: Saying;
  /** Whether the bare proxy can be asked the same. */
  readonly bare: boolean;
}

const models = {
  passed: "openai/gpt-4o",
  Anthropic: "anthropic/claude-sonnet-4-5",
  Gemini: "google/gemini-2.5-flash",
  Bedrock: "amazon-bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
} as const;

const prose = "The quick brown fox jumps over the lazy dog, again. ";
const user = (content: unknown) => ({ role: "user", content });
const tool = (name: string, properties: unknown) => ({
  type: "function",
  function: { name, description: prose, parameters: { type: "object", properties } },
});

/** Bodies of requests, by what is large in them. */
const bodies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "nothing large": { messages: [user("Hi")] },
  "a picture of 1 MB": { messages: [user([picture(1_000_000)])] },
  "pictures of 9 MB": { messages: [user(Array.from({ length: 9 }, () => picture(1_000_000)))] },
  "a prompt of 100,000 tokens": { messages: [user(prose.repeat(9_000))] },
  "a prompt of 9 MB": { messages: [user(prose.repeat(180_000))] },
  "10,000 messages": {
    messages: Array.from({ length: 10_000 }, (_, at) => ({
      role: at % 2 === 0 ? "user" : "assistant",
      content: prose,
    })),
  },
  "5,000 tool calls": {
    messages: [
      user("Hi"),
      ...Array.from({ length: 5_000 }, (_, at) => [
        {
          ...{ role: "assistant", content: null },
          tool_calls: [{ id: `c${at}`, type: "function", function: { name: "f", arguments: `{"a":"${prose}"}` } }],
        },
        { role: "tool", tool_call_id: `c${at}`, content: prose },
      ]).flat(),
      user("And?"),
    ],
    tools: [tool("f", { a: { type: "string" } })],
  },
  "a tool schema of 1 MB": {
    messages: [user("Hi")],
    tools: [
      tool(
        "f",
        Object.fromEntries(
          Array.from({ length: 8_000 }, (_, at) => [`property_${at}`, { type: "string", description: prose + prose }]),
        ),
      ),
    ],
  },
  "2,000 tools": {
    messages: [user("Hi")],
    tools: Array.from({ length: 2_000 }, (_, at) => tool(`f${at}`, { a: { type: "string", description: prose } })),
  },
  "a tool schema 500 deep": {
    messages: [user("Hi")],
    tools: [tool("f", { a: nested(500) })],
  },
};

function picture(bytes: number) {
  return { type: "image_url", image_url: { url: `data:image/png;base64,${"iVBORw0KGgoA".repeat(bytes / 12)}` } };
}

function nested(depth: number): unknown {
  let schema: unknown = { type: "string" };
  for (let at = 0; at < depth; at++) schema = { type: "object", properties: { a: schema } };
  return schema;
}

const large = { text: prose.repeat(200_000), usage: true };
const embeddings = { ...small, embeddings: { amount: 2_048, length: 3_072 } };

/** All of them. */
export function heavyCalls(): readonly Heavy[] {
  const chat = (name: string, model: string, body: object, saying: Saying): Heavy => ({
    ...{ name, path: "/v1/chat/completions", saying, bare: true },
    body: JSON.stringify({ model, stream: false, ...body }),
  });
  const hi = bodies["nothing large"] ?? {};
  const million = { messages: [user(prose.repeat(20_000))] };
  const asked = { model: "openai/text-embedding-3-large", input: "Hi" };
  return [
    ...Object.entries(bodies).flatMap(([what, body]) =>
      Object.entries(models).map(([how, model]) => chat(`${what}, ${how}`, model, body, small)),
    ),
    {
      ...chat("a body of 30 MB, refused", models.passed, { messages: [user(prose.repeat(600_000))] }, small),
      bare: false,
    },
    {
      ...{ name: "nesting of 100,000", path: "/v1/chat/completions", saying: small, bare: false },
      body: `{"model":"${models.passed}","messages":[{"role":"user","content":"Hi"}],"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    },
    ...Object.entries(models).map(([how, model]) => chat(`an answer of 10 MB, ${how}`, model, hi, large)),
    chat("an answer of 10 MB without usage, passed", models.passed, hi, { ...large, usage: false }),
    chat("1 MB asked, no usage in the answer", models.passed, million, { ...small, usage: false }),
    chat("a stream of 10 MB at once, passed", models.passed, { ...hi, stream: true }, large),
    chat(
      "a stream of 10 MB, no usage, asked by another dialect",
      models.passed,
      { ...hi, stream: true },
      {
        ...large,
        usage: false,
      },
    ),
    {
      ...{ name: "tokens of 1 MB counted", path: "/v1/messages/count_tokens", saying: small, bare: false },
      body: JSON.stringify({ model: models.Gemini, ...million }),
    },
    {
      ...{ name: "tokens of pictures of 9 MB counted", path: "/v1/messages/count_tokens", saying: small, bare: false },
      body: JSON.stringify({
        model: models.Gemini,
        messages: [
          user(
            Array.from({ length: 9 }, () => ({
              type: "image",
              source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgoA".repeat(83_000) },
            })),
          ),
        ],
      }),
    },
    {
      ...{ name: "2,048 embeddings as numbers", path: "/v1/embeddings", saying: embeddings, bare: true },
      body: JSON.stringify(asked),
    },
    {
      ...{ name: "2,048 embeddings in base64", path: "/v1/embeddings", saying: embeddings, bare: true },
      body: JSON.stringify({ ...asked, encoding_format: "base64" }),
    },
  ];
}
