// What lies on the disk: conversations that survive a kill, that nobody can read there, and that are gone when they have expired.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Client from "better-sqlite3";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serveModel } from "../../matrix/upstreams/scripted-model.ts";
import { type Replay, startReplay } from "../../support/replay.ts";
import { claude, nothingSaid, refusal, startWorld, streamed, upstreamsAt, type World, whole } from "./setup.ts";

const { model, wire } = claude;

describe("a gateway that is killed", () => {
  let folder: string;
  let replay: Replay;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-"));
    replay = await startReplay();
    serveModel(replay, wire, (body) => ({ ...nothingSaid, text: `Answer after ${wire.asked(body).turns.length}.` }));
  });
  afterEach(async () => {
    await replay.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(): Promise<{ readonly url: string; readonly key?: string; readonly child: ChildProcess }> {
    const child = spawn(process.execPath, [new URL("../../support/gateway-child.ts", import.meta.url).pathname], {
      env: {
        ...upstreamsAt(replay.url),
        PORT: "0",
        TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
        TURNPIKE_LOG_LEVEL: "error",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      return { ...(JSON.parse(line) as { url: string; key?: string }), child };
    }
    throw new Error("the gateway did not start");
  }

  test("has lost no turn whose end a client has seen", async () => {
    let id: string | null = null;
    let apiKey = "";
    for (let turn = 0; turn < 3; turn++) {
      const { url, key = apiKey, child } = await run();
      apiKey = key;
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
      const told: OpenAI.Responses.Response = await streamed(client, {
        model,
        input: "More.",
        previous_response_id: id,
      });
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(told.output.at(-1)).toMatchObject({ content: [{ text: `Answer after ${2 * turn + 1}.` }] });
      id = told.id;
    }
  });
});

describe("a database", () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.close());

  test("holds no word of a conversation that can be read, nor do the files beside it", async () => {
    const words = ["Philadelphia-ledger", "rhinoceros-tango", "Byzantine-harbour", "quicksilver-ticket"];
    world.say(() => ({
      text: `I say ${words[1]}.`,
      calls: [{ id: "call_1", name: "note", arguments: { text: words[2] ?? "" } }],
    }));
    const client = world.client();
    const request = { model, instructions: `Never say ${words[3]}.`, metadata: { case: words[3] ?? "" } };
    const one = await streamed(client, { ...request, input: `Tell me of ${words[0]}.` });
    const two = await whole(client, {
      ...request,
      previous_response_id: one.id,
      input: [{ type: "function_call_output", call_id: "call_1", output: words[0] ?? "" }],
    });
    expect(JSON.stringify(await client.responses.inputItems.list(two.id))).toContain(words[0]);
    const files = readdirSync(world.gateway.folder, { recursive: true, withFileTypes: true }).filter((it) =>
      it.isFile(),
    );
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(["turnpike.db", "turnpike.db-wal"]));
    const rows = new Client(join(world.gateway.folder, "turnpike.db"), { readonly: true });
    expect(rows.prepare("select count(*) from response_pieces").pluck().get()).toBe(2);
    rows.close();
    for (const { parentPath, name } of files) {
      const bytes = readFileSync(join(parentPath, name));
      // It is there to be found at all: ids are not secret.
      if (name === "turnpike.db-wal") expect(bytes.includes(two.id)).toBe(true);
      for (const word of words) {
        for (const form of [Buffer.from(word), Buffer.from(word, "utf16le"), ...base64Of(word)]) {
          expect(bytes.includes(form), `${word} in ${name}`).toBe(false);
        }
      }
    }
  });

  test("holds nothing of a call that is not to be stored", async () => {
    world.say(() => ({ text: "Hello." }));
    await whole(world.client(), { model, input: "Hi", store: false });
    await streamed(world.client(), { model, input: "Hi", store: false });
    const rows = new Client(join(world.gateway.folder, "turnpike.db"), { readonly: true });
    expect(rows.prepare("select count(*) from responses").pluck().get()).toBe(0);
    rows.close();
  });

  test("keeps conversations over a restart, until they expire: then they are refused at once, and gone after the next start", async () => {
    world.say(({ turns }) => ({ text: `Answer after ${turns.length}.` }));
    const one = await whole(world.client(), { model, input: "First." });
    world.gateway = await world.gateway.restart();
    const two = await whole(world.client(), { model, input: "Second.", previous_response_id: one.id });
    expect(two.output_text).toBe("Answer after 3.");
    const path = join(world.gateway.folder, "turnpike.db");
    const database = new Client(path);
    database.prepare("update responses set expires_at_ms = ?").run(Date.now() - 1);
    database.close();
    expect((await refusal(world.client().responses.retrieve(two.id))).status).toBe(404);
    const refused = await refusal(whole(world.client(), { model, input: "Third.", previous_response_id: two.id }));
    expect(refused.code).toBe("previous_response_not_found");
    world.gateway = await world.gateway.restart();
    const swept = new Client(path, { readonly: true });
    await expect
      .poll(() =>
        swept.prepare("select (select count(*) from responses) + (select count(*) from response_pieces)").pluck().get(),
      )
      .toBe(0);
    swept.close();
  });

  test("whose contents were exchanged gives none of them away", async () => {
    world.say(() => ({ text: "Hello." }));
    const mine = await whole(world.client(), { model, input: "Mine." });
    const strangers = world.client(await world.strangersKey());
    const theirs = await whole(strangers, { model, input: "Theirs." });
    const database = new Client(join(world.gateway.folder, "turnpike.db"));
    const sealed = database.prepare("select sealed from response_pieces where response_id = ?").pluck().get(theirs.id);
    database.prepare("update response_pieces set sealed = ? where response_id = ?").run(sealed, mine.id);
    database.close();
    const refused = await refusal(world.client().responses.retrieve(mine.id));
    expect([refused.status, refused.code]).toEqual([500, "internal_error"]);
    expect(refused.message).not.toContain("Theirs");
  });
});

/** The middle of a word in base64, as it stands at each of the three places that it may begin at. */
function base64Of(word: string): readonly Buffer[] {
  return ["", "x", "xx"].map((before) => {
    const text = Buffer.from(before + word).toString("base64");
    return Buffer.from(text.slice(4, -4));
  });
}
