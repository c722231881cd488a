// OpenAI as a provider: where it is reached, with which key, and in which dialect.
import { describe, expect, it } from "vitest";
import { openai } from "../../providers/openai.ts";

describe("OpenAI", () => {
  it("is reached at its own address, which the environment may change", () => {
    const target = { providerId: "openai", model: "gpt-4o", traits: {} };
    expect(openai.baseUrl + openai.dialect.path(target, { stream: true })).toBe(
      "https://api.openai.com/v1/chat/completions",
    );
    expect(openai.baseUrlEnv).toBe("OPENAI_BASE_URL");
    expect(openai.env).toEqual(["OPENAI_API_KEY"]);
  });

  it("gets its key in a header, never in the URL or the body", async () => {
    const request = {
      method: "POST" as const,
      baseUrl: openai.baseUrl,
      path: "/chat/completions",
      headers: {},
      body: "{}",
    };
    expect(await openai.authorize(request, "sk-1")).toEqual({ ...request, headers: { authorization: "Bearer sk-1" } });
  });

  it("is passed the organisation and project that a client names", () => {
    expect(openai.forwardHeaders).toEqual(["openai-organization", "openai-project"]);
  });
});
