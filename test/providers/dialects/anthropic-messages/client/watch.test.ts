// The watcher of passed-through streams agrees with the decoder, and tells content from what may still fail over.
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import { isContent } from "../../../../../providers/dialects/completion.ts";
import type { Frame } from "../../../../../providers/dialects/dialect.ts";
import { recordings } from "../../../../support/recordings.ts";
import { framesOf } from "../support/events.ts";

const streams = recordings("anthropic", { dialect: "anthropic-messages", stream: true });
/** A stream in which messages follow each other: the decoder stops reading where the watcher goes on. */
const single = streams.filter(({ response }) => response.split("event: message_start").length === 2);

const frame = (event: string | null, data: object): Frame => ({ event, data: JSON.stringify(data) });

describe("a watched stream", () => {
  it.each(single.map((recording) => [recording.name, recording] as const))(
    "has the decoder's usage after every frame: %s",
    (_name, { response }) => {
      const decoder = anthropicMessages.stream();
      const watcher = anthropicMessages.watch();
      for (const each of framesOf(response)) {
        decoder.push(each);
        watcher.glance(each);
        expect(watcher.usage).toEqual(decoder.usage);
      }
      expect(watcher.usage).not.toBeNull();
      expect(watcher.ended).toBe(true);
    },
  );

  it.each(single.map((recording) => [recording.name, recording] as const))(
    "never calls preamble what the decoder reads as content, and ends with its last frame alone: %s",
    (_name, { response }) => {
      const decoder = anthropicMessages.stream();
      const watcher = anthropicMessages.watch();
      const kinds = framesOf(response).map((each) => {
        const events = decoder.push(each);
        const { kind } = watcher.glance(each);
        if (events.some(isContent)) expect(kind).toBe("content");
        return kind;
      });
      expect(kinds[0]).toBe("preamble");
      expect(kinds.indexOf("end")).toBe(kinds.length - 1);
      expect(new Set(kinds)).toEqual(new Set(["preamble", "content", "end"]));
    },
  );

  it.each([
    ["message_start", "preamble"],
    ["ping", "preamble"],
    ["content_block_start", "content"],
    ["content_block_delta", "content"],
    ["content_block_stop", "content"],
    ["message_delta", "content"],
    ["message_stop", "end"],
    ["an_event_of_tomorrow", "content"],
  ])("knows %s as %s, also where the upstream does not name its events", (type, kind) => {
    expect(anthropicMessages.watch().glance(frame(type, { type })).kind).toBe(kind);
    expect(anthropicMessages.watch().glance(frame(null, { type })).kind).toBe(kind);
  });

  it("tells an error with its cause", () => {
    const error = { type: "overloaded_error", message: "Overloaded" };
    const watcher = anthropicMessages.watch();
    expect(watcher.glance(frame("error", { type: "error", error }))).toEqual({
      kind: "error",
      failure: {
        kind: "overloaded",
        message: "Overloaded",
        status: null,
        code: "overloaded_error",
        param: null,
        retryAfterMs: null,
      },
    });
    expect(watcher.ended).toBe(false);
  });

  it("does not read the frames of content", () => {
    const broken: Frame = { event: "content_block_delta", data: "{ not read" };
    expect(anthropicMessages.watch().glance(broken)).toEqual({ kind: "content" });
  });
});
