// The model's name in a stream that is passed on is the client's; every other byte stays.
import { describe, expect, it } from "vitest";
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import { recordings } from "../../../../support/recordings.ts";

const name = 'a/"b"\\$1';
const withModel = (frame: string) => anthropicMessagesServer.withModel?.(frame, name);

describe("the heading of a recorded stream", () => {
  const streams = recordings("anthropic", { dialect: "anthropic-messages", stream: true, failed: false });
  const started = streams.flatMap(({ name: of, response }) => {
    const frames = response.split(/(?<=\n\n)/);
    const at = frames.findIndex((frame) => frame.includes('"message_start"'));
    return at === -1 ? [] : [[of, frames[at] ?? "", frames.toSpliced(at, 1)] as const];
  });

  it.each(started)("is given the name, and nothing else: %s", (_of, heading, others) => {
    const told = withModel(heading) ?? "";
    const messageOf = (frame: string) => JSON.parse(/^data: ?(.*)$/m.exec(frame)?.[1] ?? "").message;
    const { model, ...message } = messageOf(told);
    const { model: own, ...rest } = messageOf(heading);
    expect([model, message]).toEqual([name, rest]);
    expect(told.length - heading.length).toBe(JSON.stringify(name).length - JSON.stringify(own).length);
    for (const frame of others) if (!frame.includes('"message_start"')) expect(withModel(frame)).toBeNull();
  });

  it("is there", () => {
    expect(started.length).toBeGreaterThan(20);
  });
});
