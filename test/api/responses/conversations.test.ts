// Conversations by `previous_response_id` with models that are not OpenAI's: OpenAI's SDK, real sockets.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claude, gemini, refusal, startWorld, streamed, type World, whole } from "./setup.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** Answers with how many turns it was told, so that a lost one shows. */
beforeEach(() => world.say(({ turns }) => ({ text: `Answer after ${turns.length}.` })));

const user = (text: string) => ({ by: "user" as const, text, images: [] });
const model = (text: string) => expect.objectContaining({ by: "model", text, calls: [] });

describe.each([
  { of: "Claude", ...claude },
  { of: "Gemini", ...gemini },
])("a conversation with $of", ({ model: name, wire }) => {
  test.each([
    { how: "whole", turn: whole },
    { how: "streamed", turn: streamed },
  ])("goes on from the response before, $how, and holds all turns in their order", async ({ turn }) => {
    const client = world.client();
    const one = await turn(client, { model: name, input: "First question." });
    const two = await turn(client, { model: name, input: "Second.", previous_response_id: one.id });
    const three = await turn(client, {
      model: name,
      input: [{ role: "user", content: [{ type: "input_text", text: "Third." }] }],
      previous_response_id: two.id,
    });
    expect([one, two, three].map(({ output }) => output.at(-1))).toMatchObject([
      { content: [{ text: "Answer after 1." }] },
      { content: [{ text: "Answer after 3." }] },
      { content: [{ text: "Answer after 5." }] },
    ]);
    expect(world.asked(wire).at(-1)?.turns).toEqual([
      user("First question."),
      model("Answer after 1."),
      user("Second."),
      model("Answer after 3."),
      user("Third."),
    ]);
    expect([one, two, three].map((told) => [(told as { store?: unknown }).store, told.previous_response_id])).toEqual([
      [true, null],
      [true, one.id],
      [true, two.id],
    ]);
  });

  test("finds a response in the instant in which its stream ends, twenty times in a row", async () => {
    const client = world.client();
    let id: string | null = null;
    for (let turn = 0; turn < 20; turn++) {
      id = (await streamed(client, { model: name, input: `Turn ${turn}.`, previous_response_id: id })).id;
    }
    expect(world.asked(wire).at(-1)?.turns).toHaveLength(39);
  });

  test("does not inherit instructions, and a response may be gone on from several times", async () => {
    const client = world.client();
    const one = await whole(client, { model: name, instructions: "Speak like a pirate.", input: "Hello." });
    await whole(client, { model: name, instructions: "Speak like a judge.", input: "A", previous_response_id: one.id });
    await whole(client, { model: name, input: "B", previous_response_id: one.id });
    expect(world.asked(wire).map(({ system, turns }) => [system, turns.length, turns.at(-1)])).toEqual([
      ["Speak like a pirate.", 1, user("Hello.")],
      ["Speak like a judge.", 3, user("A")],
      ["", 3, user("B")],
    ]);
  });

  test.each([
    { how: "whole", turn: whole },
    { how: "streamed", turn: streamed },
  ])("goes through a tool loop in which only the tool's output is sent, $how", async ({ turn }) => {
    const client = world.client();
    world.say(({ turns }) => {
      if (turns.at(-1)?.by === "tools") return { text: "It is sunny." };
      return {
        reasoning: wire.signature === null ? null : { text: "I should look.", signature: wire.signature },
        calls: [{ id: "call_1", name: "weather", arguments: { city: "Paris" } }],
      };
    });
    const tools = [
      {
        type: "function" as const,
        name: "weather",
        strict: false,
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      },
    ];
    const one = await turn(client, { model: name, input: "How is Paris?", tools, reasoning: { effort: "low" } });
    const call = one.output.find((item) => item.type === "function_call");
    const two = await turn(client, {
      model: name,
      tools,
      reasoning: { effort: "low" },
      previous_response_id: one.id,
      input: [{ type: "function_call_output", call_id: call?.call_id ?? "", output: "sunny and 21" }],
    });
    expect(two.output.at(-1)).toMatchObject({ content: [{ text: "It is sunny." }] });
    expect(world.asked(wire).at(-1)?.turns).toEqual([
      user("How is Paris?"),
      expect.objectContaining({
        by: "model",
        signature: wire.signature ?? "",
        calls: [{ name: "weather", arguments: { city: "Paris" } }],
      }),
      { by: "tools", results: [{ of: "weather", text: expect.stringContaining("sunny and 21") }] },
    ]);
  });
});

describe("a conversation", () => {
  test("moves from one provider's model to another's", async () => {
    const client = world.client();
    const one = await streamed(client, { model: claude.model, input: "First." });
    await whole(client, { model: gemini.model, input: "Second.", previous_response_id: one.id });
    expect(world.asked(gemini.wire).at(-1)?.turns).toEqual([user("First."), model("Answer after 1."), user("Second.")]);
  });

  test("counts what it holds when it is admitted: a model whose context it exceeds is refused", async () => {
    const client = world.client();
    const long = "word ".repeat(180_000);
    const one = await whole(client, { model: claude.model, input: long, truncation: "disabled" });
    const refused = await refusal(
      whole(client, { model: "claude-sonnet-4-5", input: long, previous_response_id: one.id }),
    );
    expect([refused.status, refused.code]).toEqual([400, "context_length_exceeded"]);
  });

  test("may name items of earlier responses instead of repeating them", async () => {
    const client = world.client();
    const one = await whole(client, { model: claude.model, input: "First." });
    const items = await client.responses.inputItems.list(one.id);
    await whole(client, {
      model: claude.model,
      input: [
        { type: "item_reference", id: items.data[0]?.id ?? "" },
        { type: "item_reference", id: one.output[0]?.id ?? "" },
        { role: "user", content: "Second." },
      ],
    });
    expect(world.asked(claude.wire).at(-1)?.turns).toEqual([user("First."), model("Answer after 1."), user("Second.")]);
  });

  test("names places of the client's own input in refusals", async () => {
    const client = world.client();
    const one = await whole(client, { model: claude.model, input: "First." });
    const refused = await refusal(
      whole(client, {
        model: claude.model,
        previous_response_id: one.id,
        input: [{ role: "user", content: "Second." }, { type: "function_call_output", output: "x" } as never],
      }),
    );
    expect([refused.status, refused.param]).toEqual([400, "input[1].call_id"]);
    expect(refused.message).toContain("input[1].call_id");
  });
});

describe("what is refused", () => {
  test("an unknown response, as OpenAI refuses it", async () => {
    for (const turn of [whole, streamed]) {
      const refused = await refusal(
        turn(world.client(), { model: claude.model, input: "Hi", previous_response_id: "resp_nobody" }),
      );
      expect(refused).toMatchObject({
        status: 400,
        code: "previous_response_not_found",
        param: "previous_response_id",
        type: "invalid_request_error",
      });
      expect(refused.message).toContain("Previous response with id 'resp_nobody' not found.");
    }
  });

  test.each([
    { what: "a response in the background", body: { background: true }, param: "background" },
    { what: "a conversation of OpenAI's", body: { conversation: "conv_1" }, param: "conversation" },
    {
      what: "a conversation beside a response",
      body: { conversation: "conv_1", previous_response_id: "resp_1" },
      param: "previous_response_id",
    },
    { what: "an id that is no text", body: { previous_response_id: 7 }, param: "previous_response_id" },
    { what: "a wish to store that is neither", body: { store: "yes" }, param: "store" },
  ])("$what, by its name and before a model is asked", async ({ body, param }) => {
    const refused = await refusal(
      world.client().responses.create({ model: claude.model, input: "Hi", ...body } as never),
    );
    expect([refused.status, refused.param]).toEqual([400, param]);
    expect(world.asked(claude.wire)).toEqual([]);
  });

  test("a turn without any input", async () => {
    const client = world.client();
    const one = await whole(client, { model: claude.model, input: "First." });
    const refused = await refusal(client.responses.create({ model: claude.model, previous_response_id: one.id }));
    expect([refused.status, refused.param]).toEqual([400, "input"]);
  });
});
