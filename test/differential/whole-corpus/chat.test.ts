// Every recorded answer to a chat, through a running gateway, as the official SDK of each client dialect reads it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Recording } from "../../support/recordings.ts";
import { differences } from "./compare.ts";
import { type Bench, type ClientDialect, clientDialects, modelFor, startBench } from "./gateway.ts";
import { everything, routeOf, type Wire } from "./routes.ts";
import { readRecording, type Said } from "./said.ts";

interface Chat {
  readonly recording: Recording;
  readonly wire: Wire;
  /** Its place among all recordings, by which it is cut. */
  readonly seed: number;
}

const chats = everything.flatMap((recording, seed): readonly Chat[] => {
  const route = routeOf(recording);
  return route.kind === "chat" ? [{ recording, wire: route.wire, seed }] : [];
});
const providers = Map.groupBy(chats, ({ recording }) => recording.provider);

let bench: Bench;
/** Recordings that were compared, by provider and client. */
const compared = new Map<string, Partial<Record<ClientDialect, number>>>();

beforeAll(async () => {
  bench = await startBench();
});
afterAll(async () => {
  await bench.close();
  console.log("recorded chats compared, by provider and client dialect");
  for (const [provider, counts] of compared) console.log(`${provider}: ${JSON.stringify(counts)}`);
});

const readings = new Map<Recording, Promise<Said>>();

function saidBy({ recording, wire }: Chat): Promise<Said> {
  const known = readings.get(recording) ?? readRecording(bench.replay, recording, wire);
  readings.set(recording, known);
  return known;
}

/** What is wrong with each recording, named; nothing for one that reads as it should. */
async function compare(chat: Chat, client: ClientDialect): Promise<readonly unknown[]> {
  const { recording, wire, seed } = chat;
  const mark = `recording ${seed} for ${client}`;
  const said = await saidBy(chat);
  const exchange = bench.serve(recording, seed, mark);
  const read = await bench.read(client, { model: modelFor(recording, wire, client), mark, stream: recording.stream });
  const found = differences({ wire, client }, said, read);
  const wrong = exchange.requests.length === 1 ? found : [{ of: "requests", said: 1, read: read }];
  return wrong.length === 0 ? [] : [{ recording: recording.name, wrong }];
}

/** Runs the work for all items, some at a time. */
async function forAll<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const waiting = [...items];
  const results: Result[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) results.push(...(await work(item)));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}

describe.each([...providers])("what %s answered", (provider, recorded) => {
  it.each(clientDialects)("is what a client of %s reads", async (client) => {
    expect(await forAll(recorded, (chat) => compare(chat, client))).toEqual([]);
    compared.set(provider, { ...compared.get(provider), [client]: recorded.length });
  });
});
