// Any chat, asked in any client's dialect of a provider of any: no message, tool, call or result is lost, changed or moved.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../support/recordings.ts";
import { asRead, type Chat, chats } from "./conversations.ts";
import { written } from "./requests.ts";
import { pairs } from "./sides.ts";

type Pair = (typeof pairs)[number];

/** The body that the provider is sent: passed on with its edits in its own dialect, translated else. */
function sent({ server, side: { dialect, target } }: Pair, chat: Chat): JsonObject {
  const body: JsonObject = { model: "m", ...written[server.id](chat) };
  if (dialect.id === server.id) {
    const { set, remove } = dialect.edits(body, target);
    const kept = Object.entries({ ...body, ...set }).filter(([name]) => !remove.includes(name));
    return JSON.parse(JSON.stringify(Object.fromEntries(kept))) as JsonObject;
  }
  const conversation = server.read(body);
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  const { body: made, unsupported } = dialect.encode(conversation, target);
  expect([...(conversation.foreign ?? []), ...unsupported].filter(({ hint }) => hint !== true)).toEqual([]);
  return JSON.parse(JSON.stringify(made)) as JsonObject;
}

describe.each(pairs)("a chat of a client of $client with a provider of $provider", (pair) => {
  it("arrives whole and in order", () => {
    fc.assert(
      fc.property(chats, (chat) => {
        const { system, tools, turns } = pair.side.wire.asked(sent(pair, chat));
        const bare = turns.map((turn) => {
          if (turn.by !== "model") return turn;
          const { by, text, calls } = turn;
          return { by, text, calls };
        });
        expect(bare).toEqual(asRead(chat));
        expect(system).toBe(chat.system);
        expect(tools.map(({ name }) => name)).toEqual(chat.tools);
      }),
      { seed: 898, numRuns: 100 },
    );
  });
});
