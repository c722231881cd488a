// Editing requests that are passed on in their own dialect: the little that changes, and that all else keeps its bytes.
import { describe, expect, it } from "vitest";
import { sealEnvelope } from "../../../../providers/dialects/openai-responses/envelope.ts";
import { openaiResponses, type Quirks } from "../../../../providers/dialects/openai-responses/index.ts";
import { spliceBody } from "../../../../src/gateway/splice.ts";
import { recordings } from "../../../support/recordings.ts";

const google = { vendor: "google", value: "c2ln" } as const;
const xai = { vendor: "xai", value: "V0dVky" } as const;
const thought = (encrypted_content: string | null) => ({
  type: "reasoning",
  id: "rs_1",
  summary: [],
  encrypted_content,
});
const said = { role: "assistant", content: "Hi" };

function edits(body: object, quirks: Quirks = {}, traits = {}) {
  return openaiResponses(quirks).edits({ ...body }, { providerId: "p", model: "gpt-5", traits });
}

describe("a body that is passed on", () => {
  it("gets the provider's model, and loses what only Turnpike reads", () => {
    expect(edits({ model: "openai/gpt-5", models: ["a"], provider: {}, drop_params: true, input: "Hi" })).toEqual({
      set: { model: "gpt-5" },
      remove: ["models", "provider", "drop_params"],
    });
  });

  it("keeps its sampling parameters unless it allows them to be dropped", () => {
    const body = { input: "Hi", temperature: 0.5, top_p: null, top_logprobs: 2 };
    expect(edits(body, {}, { reasoning: true }).remove).toEqual([]);
    const dropping = { ...body, drop_params: true };
    expect(edits(dropping, {}, { reasoning: true })).toMatchObject({
      remove: ["drop_params", "temperature", "top_logprobs"],
      dropped: ["temperature", "top_logprobs"],
    });
    expect(edits(dropping)).not.toHaveProperty("dropped");
    const none = { ...dropping, reasoning: { effort: "none" } };
    expect(edits(none, {}, { reasoning: true, reasoningEfforts: ["none"] })).not.toHaveProperty("dropped");
  });

  it("loses reasoning that another vendor's model wrote, and notes about its proofs", () => {
    const input = [
      thought(sealEnvelope({ signature: google })),
      thought(sealEnvelope({})),
      thought(sealEnvelope({ of: "call", id: "c", signature: google })),
      thought("gAAAAABp"),
      thought(null),
      said,
    ];
    expect(edits({ input }).set.input).toEqual([thought("gAAAAABp"), thought(null), said]);
  });

  it("gets a ciphertext back that its own vendor made and that came through another dialect", () => {
    const input = [thought(sealEnvelope({ encrypted: xai })), said];
    expect(edits({ input }, { vendor: "xai" }).set.input).toEqual([thought("V0dVky"), said]);
    expect(edits({ input }).set.input).toEqual([said]);
    expect(edits({ input }, { vendor: null }).set.input).toEqual([said]);
  });

  it("does not bring OpenAI's ciphertexts to other vendors", () => {
    const input = [thought("gAAAAABp"), thought("V0dVky"), said];
    expect(edits({ input }, { vendor: "xai" }).set.input).toEqual([thought("V0dVky"), said]);
  });

  it("has call ids that fit", () => {
    const call_id = `call_${"x".repeat(80)}`;
    const { set } = edits({
      input: [
        { type: "function_call", call_id, name: "look", arguments: "{}" },
        { type: "function_call_output", call_id, output: "ok" },
      ],
    });
    const [call, result] = set.input as { call_id: string }[];
    expect(call?.call_id.length).toBeLessThanOrEqual(64);
    expect(result?.call_id).toBe(call?.call_id);
  });

  it.each([["a string"], [["not an item"]], [null], [[said, { type: "web_search_call", id: "ws_1" }]]])(
    "keeps an input that needs no change: %j",
    (input) => {
      expect(edits({ input }).set).toEqual({ model: "gpt-5" });
    },
  );

  it("keeps every byte of a recorded request but the model's name", () => {
    const all = recordings("openai", { dialect: "openai-responses", hasRequest: true });
    // One leaves its model to a prompt template.
    const requests = all.filter(({ request }) => typeof request?.model === "string");
    expect(requests.length).toBeGreaterThan(80);
    for (const { request } of requests) {
      if (request === null) continue;
      const raw = JSON.stringify(request);
      const target = { providerId: "openai", model: String(request.model), traits: {} };
      expect(spliceBody(raw, openaiResponses().edits(request, target))).toBe(raw);
    }
  });
});
