// Stored responses afterwards: retrieved, listed, deleted, by the customer that made them and by nobody else.
import type OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claude, gemini, refusal, startWorld, streamed, type World, whole } from "./setup.ts";

let world: World;
let client: OpenAI;
let stranger: OpenAI;
beforeAll(async () => {
  world = await startWorld();
  client = world.client();
  stranger = world.client(await world.strangersKey());
});
afterAll(() => world.close());
beforeEach(() => world.say(({ turns }) => ({ text: `Answer after ${turns.length}.` })));

const { model } = claude;

describe("a stored response", () => {
  test.each([
    { how: "whole", turn: whole },
    { how: "streamed", turn: streamed },
  ])("is retrieved as its call was told it, $how", async ({ turn }) => {
    const told = await turn(client, { model, input: "Hi", metadata: { ticket: "42" }, instructions: "Be brief." });
    const retrieved = await client.responses.retrieve(told.id);
    // The SDK adds a member of its own to what comes whole.
    const { output_text: _, ...asTold } = JSON.parse(JSON.stringify(told));
    const { output_text, ...stored } = JSON.parse(JSON.stringify(retrieved));
    expect(stored).toEqual(asTold);
    expect([stored.metadata, stored.instructions, output_text]).toEqual([
      { ticket: "42" },
      "Be brief.",
      "Answer after 1.",
    ]);
  });

  test("can't be streamed again", async () => {
    const { id } = await whole(client, { model, input: "Hi" });
    const refused = await refusal(client.responses.retrieve(id, { stream: true }));
    expect([refused.status, refused.param]).toEqual([400, "stream"]);
  });

  test("is one of another customer's, or none at all, in the same words", async () => {
    const { id } = await whole(client, { model, input: "Hi" });
    const none = id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    for (const ask of [
      (of: string) => stranger.responses.retrieve(of),
      (of: string) => stranger.responses.delete(of),
      (of: string) => stranger.responses.inputItems.list(of),
      (of: string) => whole(stranger, { model, input: "And?", previous_response_id: of }),
    ]) {
      const [theirs, nobodys] = [await refusal(ask(id)), await refusal(ask(none))];
      expect(theirs.status).toBeGreaterThanOrEqual(400);
      expect([theirs.status, theirs.code, theirs.param, theirs.message]).toEqual([
        nobodys.status,
        nobodys.code,
        nobodys.param,
        nobodys.message.replaceAll(none, id),
      ]);
    }
    expect((await client.responses.retrieve(id)).id).toBe(id);
    expect(world.asked(claude.wire)).toHaveLength(1);
  });

  test("gives its items to its customer alone", async () => {
    const one = await whole(client, { model, input: "A secret." });
    const reference = { type: "item_reference" as const, id: one.output[0]?.id ?? "" };
    const refused = await refusal(whole(stranger, { model, input: [reference] }));
    expect([refused.status, refused.param]).toEqual([400, "input[0].id"]);
  });
});

describe("the items that a response was given", () => {
  test("are those of its whole conversation, the latest first, as complete messages with ids of their own", async () => {
    const one = await whole(client, { model, input: "First." });
    const two = await whole(client, {
      model,
      previous_response_id: one.id,
      input: [{ role: "user", content: [{ type: "input_text", text: "Second." }] }],
    });
    const { data, has_more } = await client.responses.inputItems.list(two.id);
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^msg_/),
        type: "message",
        role: "user",
        status: "completed",
        content: [{ type: "input_text", text: "Second." }],
      },
      one.output[0],
      {
        id: expect.stringMatching(/^msg_/),
        type: "message",
        role: "user",
        status: "completed",
        content: [{ type: "input_text", text: "First." }],
      },
    ]);
    expect(has_more).toBe(false);
    expect(new Set(data.map(({ id }) => id)).size).toBe(3);
  });

  test("come page by page, each exactly once, in both orders", async () => {
    const input = Array.from({ length: 45 }, (_, at) => ({ role: "user" as const, content: `Message ${at}` }));
    const { id } = await whole(client, { model, input });
    const read = async (query: { limit?: number; order?: "asc" | "desc" }) => {
      const texts: string[] = [];
      for await (const item of client.responses.inputItems.list(id, query)) {
        texts.push(JSON.stringify((item as { content: unknown }).content));
      }
      return texts;
    };
    const all = input.map(({ content }) => JSON.stringify([{ type: "input_text", text: content }]));
    expect(await read({ order: "asc", limit: 7 })).toEqual(all);
    expect(await read({})).toEqual(all.toReversed());
    expect((await client.responses.inputItems.list(id)).data).toHaveLength(20);
  });

  test.each([
    { query: { limit: 0 }, param: "limit" },
    { query: { limit: 101 }, param: "limit" },
    { query: { order: "up" as never }, param: "order" },
    { query: { after: "msg_of_another" }, param: "after" },
  ])("are refused for $query", async ({ query, param }) => {
    const { id } = await whole(client, { model, input: "Hi" });
    const refused = await refusal(client.responses.inputItems.list(id, query));
    expect([refused.status, refused.param]).toEqual([400, param]);
  });
});

describe("a deleted response", () => {
  test("is gone, and so is every conversation that goes on from it", async () => {
    const one = await whole(client, { model, input: "First." });
    const two = await whole(client, { model, input: "Second.", previous_response_id: one.id });
    const answer = await fetch(`${world.gateway.url}/v1/responses/${one.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${world.gateway.key}` },
    });
    expect(await answer.json()).toEqual({ id: one.id, object: "response", deleted: true });
    expect((await refusal(client.responses.retrieve(one.id))).status).toBe(404);
    expect((await refusal(client.responses.delete(one.id))).status).toBe(404);
    for (const { id } of [one, two]) {
      const refused = await refusal(whole(client, { model, input: "More?", previous_response_id: id }));
      expect(refused.code).toBe("previous_response_not_found");
    }
    // What a later response itself was given and has answered is still its own.
    expect((await client.responses.retrieve(two.id)).output).toEqual(two.output);
  });
});

describe("a response that is not to be stored", () => {
  test.each([
    { how: "whole", turn: whole },
    { how: "streamed", turn: streamed },
  ])("is not, $how, and says so", async ({ turn }) => {
    const told = await turn(client, { model: gemini.model, input: "Hi", store: false });
    expect((told as { store?: unknown }).store).toBe(false);
    expect((await refusal(client.responses.retrieve(told.id))).status).toBe(404);
    const refused = await refusal(whole(client, { model, input: "And?", previous_response_id: told.id }));
    expect(refused.code).toBe("previous_response_not_found");
  });

  test("may go on from one that is stored", async () => {
    const one = await whole(client, { model, input: "First." });
    const two = await whole(client, { model, input: "Second.", store: false, previous_response_id: one.id });
    expect(two.output_text).toBe("Answer after 3.");
    expect((await refusal(client.responses.retrieve(two.id))).status).toBe(404);
  });
});

test("other methods on these paths are refused with those that there are", async () => {
  const answer = await fetch(`${world.gateway.url}/v1/responses/resp_1`, { method: "PUT" });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, DELETE"]);
});
