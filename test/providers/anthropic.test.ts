// Anthropic as a provider: where it lives, how it is authorised, and that its own SDK's requests arrive there.
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anthropic } from "../../providers/anthropic.ts";
import { recordings } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

describe("Anthropic", () => {
  it("is reached where its own SDK reaches it, under the same base URL, with an identity of its own", async () => {
    const [recording] = recordings("anthropic", { dialect: "anthropic-messages", stream: false, failed: false });
    if (recording === undefined) throw new Error("no recording");
    const exchange = replay.serve(recording);
    const client = new Anthropic({ apiKey: "sk-ant-test", baseURL: exchange.url, maxRetries: 0 });
    await client.messages.create({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }] });
    const sdk = await exchange.received;

    const target = { providerId: "anthropic", model: "m", traits: {} };
    const request = await anthropic.authorize(
      {
        method: "POST",
        baseUrl: exchange.url,
        path: anthropic.dialect.path(target, { stream: false }),
        headers: { ...anthropic.headers },
        body: "{}",
      },
      "sk-ant-test",
    );
    expect(request.path).toBe(sdk.path);
    // The SDK (1.x) sends its key as a bearer token and a later version; `x-api-key` is what the API's documentation shows,
    // and 2023-06-01 the version in which older models still take sampling parameters.
    expect(request.headers).toEqual({ "anthropic-version": "2023-06-01", "x-api-key": "sk-ant-test" });
    expect(request.body).not.toContain("sk-ant-test");
    expect(anthropic.baseUrl).toBe(new Anthropic({ apiKey: "k", baseURL: null }).baseURL);
  });

  it("is named by the conventional variables, and passes its own headers on", () => {
    expect(anthropic).toMatchObject({
      id: "anthropic",
      env: ["ANTHROPIC_API_KEY"],
      baseUrlEnv: "ANTHROPIC_BASE_URL",
      forwardHeaders: ["anthropic-beta", "anthropic-version"],
    });
  });
});
