// Responses that their provider stores, and conversations between those and ours: recorded answers of OpenAI and DeepSeek.
import { join } from "node:path";
import Client from "better-sqlite3";
import type OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Received } from "../../support/answers.ts";
import { type Recording, recording } from "../../support/recordings.ts";
import { claude, refusal, startWorld, streamed, type World, whole } from "./setup.ts";

const secrets = ["sk-test-upstream-openai-0123456789", "sk-test-upstream-openai-9876543210"] as const;

/** One conversation of OpenAI's that goes on by `previous_response_id`, as it was recorded. */
const turns = [0, 1, 2, 3].map((turn) =>
  recording(
    "openai",
    `test_openai_responses-test_openai_previous_response_id_seed_auto_chains_through_retries.${turn}`,
  ),
);
const stream = recording("openai", "test_openai_responses-test_openai_responses_stream.0");
const deepseek = [0, 1].map((turn) =>
  recording("deepseek", `test_deepseek_responses-test_deepseek_responses-text_multi_turn-.${turn}`),
);

let world: World;
let client: OpenAI;
let stranger: OpenAI;
beforeAll(async () => {
  world = await startWorld({ OPENAI_API_KEY_2: secrets[1] });
  client = world.client();
  stranger = world.client(await world.strangersKey());
});
afterAll(() => world.close());
beforeEach(() => {
  world.replay.clear();
  forget();
});

/** Recorded ids are the same each time: what was noted of them must not count in the next conversation. */
function forget(): void {
  const database = new Client(join(world.gateway.folder, "turnpike.db"));
  database.exec("delete from response_pieces; delete from responses");
  database.close();
}

type Body = Record<string, unknown>;
const bodyOf = ({ body }: Received): Body => JSON.parse(body) as Body;

/** Serves a recorded answer, and asks what was asked when it was recorded. */
async function repeat(recorded: Recording | undefined, over: Body = {}, by = client) {
  if (recorded === undefined) throw new Error("no such recording");
  const exchange = world.replay.serve(recorded);
  const body = { ...recorded.request, ...over };
  const ask = recorded.stream ? streamed : whole;
  const told = await ask(by, body as never);
  return { told, sent: await exchange.received, body };
}

describe("a conversation that OpenAI stores", () => {
  test("is OpenAI's: its calls are passed on as they are, with the credential that it began with", async () => {
    for (let conversation = 0; conversation < 6; conversation++) {
      forget();
      const credentials = new Set<string | undefined>();
      for (const turn of turns) {
        const { told, sent, body } = await repeat(turn);
        expect(bodyOf(sent)).toEqual(body);
        expect(told.id).toBe((JSON.parse(turn.response) as Body).id);
        credentials.add(sent.headers.authorization);
      }
      expect(credentials.size).toBe(1);
    }
  });

  test("goes on in the instant in which a stream ends", async () => {
    const { told } = await repeat(stream);
    const { sent } = await repeat(turns[1], { previous_response_id: told.id });
    expect(bodyOf(sent).previous_response_id).toBe(told.id);
  });

  test("is closed to other customers, who do not hear that it is there", async () => {
    const { told } = await repeat(turns[0]);
    const before = world.replay.requests.length;
    const refused = await refusal(whole(stranger, turns[1]?.request as never));
    expect([refused.status, refused.code, refused.param]).toEqual([
      400,
      "previous_response_not_found",
      "previous_response_id",
    ]);
    expect((await refusal(stranger.responses.retrieve(told.id))).status).toBe(404);
    expect((await refusal(stranger.responses.delete(told.id))).status).toBe(404);
    expect(world.replay.requests).toHaveLength(before);
  });

  test("can't be gone on from with another provider's model, and says where it is", async () => {
    const { told } = await repeat(turns[0]);
    const refused = await refusal(whole(client, { model: claude.model, input: "Hi", previous_response_id: told.id }));
    expect([refused.status, refused.param]).toEqual([400, "previous_response_id"]);
    expect(refused.message).toContain("`openai`");
  });

  test("goes where it is, whichever model comes first", async () => {
    await repeat(turns[0]);
    world.say(() => ({ text: "Hello." }));
    const { sent } = await repeat(turns[1], { model: claude.model, models: ["gpt-4.1"] });
    expect(bodyOf(sent).model).toBe("gpt-4.1");
    expect(world.asked(claude.wire)).toEqual([]);
  });

  test("is not noted where the call says that nothing is to be stored", async () => {
    const unstored = turns[0]?.response.replace('"store": true', '"store": false') ?? "";
    expect(unstored).toContain('"store": false');
    const { told } = await repeat({ ...(turns[0] as Recording), response: unstored }, { store: false });
    expect((await refusal(client.responses.retrieve(told.id))).status).toBe(404);
  });
});

describe("a response that OpenAI stores", () => {
  const atOpenai = (method: string, status: number, body: unknown) =>
    world.replay.script(
      function* () {
        yield { kind: "head", status, headers: { "content-type": "application/json" } };
        yield JSON.stringify(body);
      },
      { match: (request) => request.method === method },
    );

  test("is retrieved and listed there, with the operator's credential, and the customer gets OpenAI's answer", async () => {
    const { told, sent } = await repeat(turns[0]);
    const answer = JSON.parse(turns[0]?.response ?? "") as Body;
    const retrieved = atOpenai("GET", 200, answer);
    expect(JSON.parse(JSON.stringify(await client.responses.retrieve(told.id)))).toMatchObject(answer);
    const list = { object: "list", data: [], first_id: null, last_id: null, has_more: false };
    const listed = atOpenai("GET", 200, list);
    await client.responses.inputItems.list(told.id, { limit: 5, order: "asc", after: "msg_1" });
    const [one, two] = [await retrieved.received, await listed.received];
    expect([one.path, one.body, one.headers.authorization]).toEqual([
      `/v1/responses/${told.id}`,
      "",
      sent.headers.authorization,
    ]);
    expect(two.path).toBe(`/v1/responses/${told.id}/input_items?limit=5&order=asc&after=msg_1`);
  });

  test("is deleted there, and then unknown here", async () => {
    const { told } = await repeat(turns[0]);
    const deleted = atOpenai("DELETE", 200, { id: told.id, object: "response", deleted: true });
    await client.responses.delete(told.id);
    expect((await deleted.received).path).toBe(`/v1/responses/${told.id}`);
    expect((await refusal(client.responses.retrieve(told.id))).status).toBe(404);
    expect((await refusal(whole(client, turns[1]?.request as never))).code).toBe("previous_response_not_found");
  });

  test("that OpenAI has lost is not found, and can be deleted all the same", async () => {
    const { told } = await repeat(turns[0]);
    const lost = { error: { message: "Response not found.", type: "invalid_request_error", param: "id", code: null } };
    atOpenai("GET", 404, lost);
    const refused = await refusal(client.responses.retrieve(told.id));
    expect([refused.status, refused.code, refused.param]).toEqual([404, "not_found", "id"]);
    atOpenai("DELETE", 404, lost);
    await client.responses.delete(told.id);
    expect((await refusal(client.responses.delete(told.id))).status).toBe(404);
  });

  test("stays known when OpenAI could not delete it, and the credential's secret is nobody's business", async () => {
    const { told, sent } = await repeat(turns[0]);
    const secret = sent.headers.authorization?.replace("Bearer ", "") ?? "";
    atOpenai("DELETE", 401, { error: { message: `Incorrect API key provided: ${secret}`, code: "invalid_api_key" } });
    const refused = await refusal(client.responses.delete(told.id));
    expect(refused.status).toBe(502);
    expect(JSON.stringify(refused.error)).not.toContain(secret);
    atOpenai("GET", 200, JSON.parse(turns[0]?.response ?? "") as Body);
    expect((await client.responses.retrieve(told.id)).id).toBe(told.id);
  });

  test("is refused with the reason once its provider's key is gone", async () => {
    const { told } = await repeat(turns[0]);
    const database = new Client(join(world.gateway.folder, "turnpike.db"));
    database.prepare("update responses set keeper = 'azure'").run();
    database.close();
    const refused = await refusal(client.responses.retrieve(told.id));
    expect([refused.status, refused.code]).toEqual([503, "no_deployment_available"]);
  });
});

describe("a conversation that is stored here", () => {
  test("moves to OpenAI with all that was said, and goes on there", async () => {
    world.say(() => ({ text: "I am Claude." }));
    const one = await whole(client, { model: claude.model, input: "Who are you?" });
    world.replay.clear();
    const { told, sent, body } = await repeat(turns[1], { previous_response_id: one.id });
    const { previous_response_id: _, input, ...rest } = body as Body & { input: unknown[] };
    expect(bodyOf(sent)).toEqual({
      ...rest,
      input: [{ type: "message", role: "user", content: "Who are you?" }, one.output[0], ...input],
    });
    const next = await repeat(turns[2], { previous_response_id: told.id });
    expect(bodyOf(next.sent).previous_response_id).toBe(told.id);
    expect(bodyOf(next.sent).input).toEqual(turns[2]?.request?.input);
  });

  test("goes on with a provider that speaks the dialect and stores nothing", async () => {
    const [first, second] = deepseek;
    const one = await repeat(first);
    expect(JSON.parse(JSON.stringify(await client.responses.retrieve(one.told.id))).id).toBe(one.told.id);
    const added = { role: "user", content: "Now say exactly: goodbye" };
    const two = await repeat(second, { input: [added], previous_response_id: one.told.id });
    const sent = bodyOf(two.sent);
    expect(sent.previous_response_id).toBeUndefined();
    expect(sent.input).toEqual([
      { role: "user", content: "Say exactly: hello" },
      ...(JSON.parse(first?.response ?? "") as { output: unknown[] }).output,
      added,
    ]);
  });
});

test("what only names content at OpenAI goes to those who speak its dialect, if there are any", async () => {
  world.say(() => ({ text: "Hello." }));
  const { sent } = await repeat(turns[0], { model: claude.model, models: ["gpt-4.1"], conversation: "conv_1" });
  expect(bodyOf(sent).conversation).toBe("conv_1");
  expect(world.asked(claude.wire)).toEqual([]);
});
