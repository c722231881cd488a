// A glance at answers with embeddings: it tells what parsing tells, or that it can't tell.
import { describe, expect, it, test } from "vitest";
import { glanceAtEmbeddings } from "../../../../providers/endpoints/embeddings/glance.ts";
import { openaiEmbeddings } from "../../../../providers/endpoints/embeddings/openai.ts";
import { recordings } from "../../../support/recordings.ts";

const { decode } = openaiEmbeddings();
const answered = ["openai", "mistral", "openrouter", "voyage", "perplexity"].flatMap((provider) =>
  recordings(provider, { dialect: "openai-embeddings", failed: false }).map((one) => [one.name, one.response] as const),
);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const large = (embedding: unknown): string =>
  JSON.stringify({
    object: "list",
    data: Array.from({ length: 50 }, (_, index) => ({ object: "embedding", index, embedding })),
    model: "text-embedding-3-small",
    usage: { prompt_tokens: 7, total_tokens: 7 },
  });

describe("a glance at an answer with embeddings", () => {
  test.each(answered)("tells what parsing tells: %s", (_name, response) => {
    const glanced = glanceAtEmbeddings(bytes(response));
    expect(glanced).not.toBeNull();
    for (const encoding_format of ["float", "base64", undefined]) {
      const asked = { body: { encoding_format }, model: "m", header: () => null };
      const [seen, read] = [decode(glanced ?? {}, asked), decode(JSON.parse(response), asked)];
      expect("usage" in seen && seen.usage).toEqual("usage" in read && read.usage);
      expect("write" in seen && seen.write === null).toBe("write" in read && read.write === null);
    }
  });

  it.each([
    ["numbers", [0.25, -1e-7]],
    ["base64", "AACAPgAAgL4="],
  ])("can't tell of a text of %s that was cut anywhere", (_name, embedding) => {
    const whole = large(embedding);
    expect(glanceAtEmbeddings(bytes(whole))).toMatchObject({ usage: { prompt_tokens: 7 } });
    for (let length = 0; length < whole.length; length++) {
      expect(glanceAtEmbeddings(bytes(whole.slice(0, length))), whole.slice(0, length)).toBeNull();
    }
  });

  it.each([
    ["an error", '{"error":{"message":"no","usage":{}}}'],
    ["no JSON", "<html>"],
    ["no embeddings", '{"data":[],"usage":{"total_tokens":1}}'],
    ["usage of an item alone", '{"data":[{"embedding":[1],"usage":{"total_tokens":1}}]}'],
    ["usage before the embeddings", '{"usage":{"total_tokens":1},"data":[{"embedding":[1]}]}'],
    ["usage that a text speaks of", '{"data":[{"embedding":"AA"}],"note":"a \\"usage\\": 1"}'],
    ["embeddings by type", '{"data":[{"embedding":{"float":[1]}}],"usage":{"total_tokens":1}}'],
  ])("can't tell of %s", (_name, text) => {
    expect(glanceAtEmbeddings(bytes(text))).toBeNull();
  });
});
