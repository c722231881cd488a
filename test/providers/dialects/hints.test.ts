// Hints: no provider of any dialect refuses a member on which no answer depends; what it can't be given is named.
import { describe, expect, it } from "vitest";
import { amazonBedrock } from "../../../providers/amazon-bedrock.ts";
import { anthropic } from "../../../providers/anthropic.ts";
import { cohere } from "../../../providers/cohere.ts";
import type { Conversation } from "../../../providers/dialects/conversation.ts";
import type { ClientDialect } from "../../../providers/dialects/dialect.ts";
import { openaiChatServer } from "../../../providers/dialects/openai-chat/index.ts";
import { google } from "../../../providers/google.ts";
import { groq } from "../../../providers/groq.ts";
import { providers } from "../../../providers/index.ts";
import { mistral } from "../../../providers/mistral.ts";
import { openai } from "../../../providers/openai.ts";

const hints = {
  metadata: { team: "a" },
  client_metadata: { app: "codex" },
  store: true,
  prompt_cache_key: "key-1",
  prompt_cache_retention: "24h",
  safety_identifier: "s-1",
  user: "u-1",
  prediction: { type: "content", content: "a" },
};

/** Asks for what happens anyway. */
const met = { metadata: {}, store: false, service_tier: "auto", stream_options: { include_usage: true } };

function conversation(body: object): Conversation {
  const read = openaiChatServer.read({ model: "m", messages: [{ role: "user", content: "Hi" }], ...body });
  if (!("messages" in read)) throw new Error(read.message);
  return read;
}

const target = { providerId: "p", model: "claude-sonnet-4-5", traits: {} };
const encode = (dialect: ClientDialect, body: object) => dialect.encode(conversation(body), target);

const dialects = providers.flatMap(({ id, dialects: spoken }) =>
  spoken.map((dialect) => [`${id}, ${dialect.id}`, dialect] as const),
);

describe("a hint", () => {
  it.each(dialects)("is never refused by %s: it arrives, or is named as left out", (_name, dialect) => {
    const { body, unsupported } = encode(dialect, hints);
    const lost = unsupported.map(({ member }) => member);
    for (const { hint } of unsupported) expect(hint).toBe(true);
    const sent = JSON.stringify(body);
    for (const [name, value] of Object.entries(hints)) {
      const arrived = name in body || sent.includes(JSON.stringify(value));
      expect([name, arrived || lost.includes(name)]).toEqual([name, true]);
    }
  });

  it.each(dialects)("that asks for what happens anyway is not spoken of before %s", (_name, dialect) => {
    expect(encode(dialect, met).unsupported).toEqual([]);
  });

  it.each([
    [anthropic, ["metadata", "client_metadata", "store", "prompt_cache_key", "prompt_cache_retention", "prediction"]],
    [google, Object.keys(hints)],
    [cohere, Object.keys(hints)],
    [mistral, ["metadata", "client_metadata", "store", "prompt_cache_retention", "safety_identifier", "user"]],
    [openai, []],
  ] as const)("is left out where there is no word for it: $0.id", (provider, expected) => {
    const dialect = provider.dialects[0] as ClientDialect;
    const lost = encode(dialect, hints).unsupported.map(({ member }) => member);
    const end = dialect === anthropic.dialect ? ["safety_identifier"] : [];
    expect(lost.toSorted()).toEqual([...expected, ...end].toSorted());
  });

  it("of the end user is metadata at Bedrock, unless it can't be written there", () => {
    const { dialect } = amazonBedrock;
    if (dialect === null) throw new Error("Bedrock has chat");
    expect(encode(dialect, { user: "u-1" })).toMatchObject({
      body: { requestMetadata: { user: "u-1" } },
      unsupported: [],
    });
    expect(encode(dialect, { user: "Zoë" }).unsupported).toMatchObject([{ member: "user", hint: true }]);
  });
});

describe("a hint in a body that is passed on", () => {
  const edits = (dialect: ClientDialect | null, body: object) =>
    dialect?.edits({ model: "m", messages: [], ...body }, { providerId: "p", model: "m", traits: {} });

  it("stays where the server takes or overlooks it", () => {
    expect(edits(openai.dialect, hints)).toEqual({ set: { model: "m" }, remove: [] });
  });

  it("goes, and is named, where the server would refuse it", () => {
    const lost = ["metadata", "client_metadata", "store", "prompt_cache_retention", "safety_identifier", "user"];
    expect(edits(mistral.dialect, hints)).toMatchObject({ remove: lost, dropped: lost });
    expect(edits(groq.dialect, { prompt_cache_key: "k", store: false })).toMatchObject({
      remove: ["prompt_cache_key", "store"],
      dropped: ["prompt_cache_key"],
    });
  });
});
