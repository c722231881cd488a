// Asks the sandbox as its host does, and as OpenAI's own client does.
import OpenAI from "openai";
import type { LocalContext, LocalResponse } from "../../../providers/define.ts";
import { sandbox } from "../../../providers/sandbox/index.ts";
import { nodeTokenCounter } from "../../../src/usage/tokens.node.ts";

export const tokens = nodeTokenCounter();

/** A context whose time passes at once, and which says how long was slept. */
export function timeless(): LocalContext & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    signal: new AbortController().signal,
    countTokens: (text) => tokens.count(text),
    sleep: async (ms) => {
      slept.push(ms);
    },
  };
}

/** A response, read to its end. */
export interface Read extends Omit<LocalResponse, "body"> {
  readonly text: string;
}

/** The response to a body, an object or its text. */
export async function ask(body: object | string, context: LocalContext = timeless()): Promise<Read> {
  if (sandbox.local === null) throw new Error("the sandbox answers nothing");
  const response = await sandbox.local(
    {
      method: "POST",
      baseUrl: sandbox.baseUrl,
      path: "/chat/completions",
      headers: {},
      body: typeof body === "string" ? body : JSON.stringify(body),
    },
    context,
  );
  let text = "";
  for await (const piece of response.body) text += piece;
  return { status: response.status, headers: response.headers, text };
}

/** The JSON of a whole answer. */
export async function answerTo(body: object): Promise<OpenAI.ChatCompletion> {
  const { status, text } = await ask(body);
  if (status !== 200) throw new Error(`status ${status}: ${text}`);
  return JSON.parse(text) as OpenAI.ChatCompletion;
}

/** The data of a stream's events, its end left out. */
export function dataOf(
  text: string,
): (OpenAI.ChatCompletionChunk & { error?: { message: string; code: string | null } })[] {
  return text
    .split("\n\n")
    .filter((event) => event !== "" && event !== "data: [DONE]")
    .map((event) => JSON.parse(event.replace(/^data: /, "")));
}

/** OpenAI's client, whose requests go to the sandbox. */
export function openaiClient(): OpenAI {
  return new OpenAI({
    apiKey: "none",
    baseURL: sandbox.baseUrl,
    maxRetries: 0,
    fetch: async (_, init) => {
      const { status, headers, text } = await ask(String(init?.body));
      return new Response(text, { status, headers });
    },
  });
}

export function said(text: string): { role: "user"; content: string }[] {
  return [{ role: "user", content: text }];
}
