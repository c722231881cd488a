// Every recorded answer, written anew by the server side as a response and as a stream: the official SDK reads the same.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openaiResponsesServer } from "../../../../providers/dialects/openai-responses/index.ts";
import { completionOf, eventsOf } from "../../../support/neutral/answers.ts";
import type { Recording } from "../../../support/recordings.ts";
import { type Exchange, type Replay, startReplay } from "../../../support/replay.ts";
import { framesOf } from "../openai-chat/frames.ts";
import { disorder, eventsIn } from "./event-order.ts";
import { context, decodeAll, decoded, reported, said } from "./neutral.ts";
import { accumulate, raised, readingOf, readStream, readWhole } from "./official-sdk.ts";
import { named, streams, whole } from "./responses-recordings.ts";

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

const free = { usd: null };

/** Turnpike's answer, served as such. */
function served(body: string, type: "application/json" | "text/event-stream"): Exchange {
  return replay.script(
    function* () {
      yield { kind: "head", status: 200, headers: { "content-type": type } };
      yield body;
    },
    { match: () => false },
  );
}

function streamed(recording: Recording): string {
  const encoder = openaiResponsesServer.stream(context);
  const events = decodeAll(framesOf(recording.response));
  let text = "";
  let usage = null;
  for (const event of events) {
    if (event.type === "usage") usage = event.usage;
    text += encoder.push([event]);
  }
  return text + encoder.end(usage, { usd: "0.0125" });
}

describe("a whole answer", () => {
  it.each(named(whole))("%s is read by the SDK as it was meant", async (_name, recording) => {
    const completion = decoded(JSON.parse(recording.response));
    const body = openaiResponsesServer.write(completion, context, { usd: "0.0125" });
    const response = await readWhole(served(JSON.stringify(body), "application/json"));
    const [choice] = completion.choices;
    const { status, incomplete, usage, logprobs, ciphertexts, ...reading } = readingOf(response);
    expect(reading).toEqual(said(choice?.content ?? []));
    // JSON has no -0.
    expect(logprobs).toEqual((choice?.logprobs?.content ?? []).map(({ logprob }) => logprob + 0));
    expect({ status, incomplete }).toEqual(
      choice?.finish === "length"
        ? { status: "incomplete", incomplete: "max_output_tokens" }
        : { status: "completed", incomplete: undefined },
    );
    const counters = reported(completion.usage);
    expect(usage?.input_tokens).toBe(counters?.input);
    expect(usage?.output_tokens).toBe(counters?.output);
    expect(usage?.input_tokens_details.cached_tokens).toBe(counters === null ? undefined : (counters.cached ?? 0));
    expect((usage as { cost?: number } | null)?.cost).toBe(usage === null ? undefined : 0.0125);
    expect(ciphertexts).toHaveLength(response.output.filter(({ type }) => type === "reasoning").length);
  });

  it.each(named(whole))("%s is the same after it was written and read again", (_name, recording) => {
    const completion = decoded(JSON.parse(recording.response));
    const body = openaiResponsesServer.write(completion, context, free);
    const again = decoded(JSON.parse(JSON.stringify(body)));
    const { rawFinish, ...choice } = completion.choices[0] ?? { rawFinish: null };
    expect(again.choices[0]).toMatchObject(JSON.parse(JSON.stringify(choice)));
  });
});

describe("a stream", () => {
  it.each(named(streams))("%s is added up by the SDK to what was meant", async (_name, recording) => {
    const text = streamed(recording);
    const response = await accumulate(served(text, "text/event-stream"));
    const { events, response: last } = await readStream(served(text, "text/event-stream"));
    const completion = decoded(JSON.parse(framesOf(recording.response).at(-1)?.data ?? "{}").response);
    const parts = completion.choices[0]?.content ?? [];
    const { status, incomplete, usage, ciphertexts, logprobs, ...reading } = readingOf(response);
    expect(reading).toEqual(said(parts));
    expect(readingOf({ ...last, output_text: response.output_text })).toEqual(readingOf(response));
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    expect(status).toBe(completion.choices[0]?.finish === "length" ? "incomplete" : "completed");
    expect(usage?.input_tokens).toBe(reported(completion.usage)?.input);
    expect((usage as { cost?: number } | null)?.cost).toBe(usage === null ? undefined : 0.0125);
    expect(logprobs.length).toBe(completion.choices[0]?.logprobs?.content?.length ?? 0);
    expect(ciphertexts).toHaveLength(response.output.filter(({ type }) => type === "reasoning").length);
  });

  it.each(named(streams))("%s has its events in order", (_name, recording) => {
    expect(disorder(eventsIn(streamed(recording)))).toEqual([]);
  });

  it.each(named(streams))("%s ends with the response that it would have been as a whole", (_name, recording) => {
    const last = framesOf(recording.response).at(-1)?.data ?? "{}";
    const completion = decoded(JSON.parse(last).response);
    const body = openaiResponsesServer.write(completion, context, { usd: "0.0125" });
    const end = eventsIn(streamed(recording)).at(-1)?.response as { output: { type: string }[] };
    // OpenAI encrypts reasoning anew whenever it tells it, and rounds log probabilities at the end.
    const bare = (response: object) =>
      JSON.parse(
        JSON.stringify(response, (name, value) =>
          ["encrypted_content", "logprobs", "service_tier", "id"].includes(name) ? undefined : value,
        ),
      );
    expect(bare(end)).toEqual(bare(body));
  });

  /** Streams of text, calls and summaries alone: OpenAI writes what we would. */
  const comparable = streams.filter(({ provider, response, name }) => {
    const foreign = /_call\.|mcp_|"type": ?"(program|apply_patch|tool_search)|reasoning_text|response\.queued/;
    return ["openai", "azure", "xai"].includes(provider) && !foreign.test(response) && !name.includes("lmstudio");
  });

  it("is comparable with OpenAI's own in most kinds", () => expect(comparable.length).toBeGreaterThan(15));

  it.each(named(comparable))("%s has the events that the provider sent, in its order", (_name, recording) => {
    const shape = (types: readonly string[]) => types.filter((type, at) => type !== types[at - 1]);
    const theirs = framesOf(recording.response).map(({ data }) => JSON.parse(data) as { type: string });
    expect(shape(eventsIn(streamed(recording)).map(({ type }) => type))).toEqual(shape(theirs.map(({ type }) => type)));
  });
});

describe("a stream that fails", () => {
  const error = {
    status: 502,
    code: "upstream_error",
    message: "The provider broke off.",
    param: null,
    requestId: "req_1",
  };

  it("tells the SDK the code and the message, and then the failed response with what was said", async () => {
    const encoder = openaiResponsesServer.stream(context);
    const begun = encoder.push(eventsOf([{ type: "text", text: "Hello" }], 2).slice(0, 3));
    const text = begun + encoder.fail(error);
    expect(await raised(readStream(served(text, "text/event-stream")))).toMatchObject({
      code: "upstream_error",
      type: "server_error",
      message: expect.stringContaining("The provider broke off."),
    });
    expect(await raised(accumulate(served(text, "text/event-stream")))).toMatchObject({ code: "upstream_error" });
    const events = eventsIn(text);
    expect(events.map(({ type }) => type).slice(-2)).toEqual(["error", "response.failed"]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    expect(events.at(-2)).toMatchObject({ code: "upstream_error", message: "The provider broke off.", param: null });
    expect(events.at(-1)?.response).toMatchObject({
      status: "failed",
      error: { code: "upstream_error", message: "The provider broke off." },
      output: [{ type: "message", status: "in_progress", content: [{ type: "output_text", text: "Hell" }] }],
    });
  });

  it("is the error alone when nothing had begun", () => {
    const text = openaiResponsesServer.stream(context).fail(error);
    expect(eventsIn(text).map(({ type }) => type)).toEqual(["error"]);
  });

  it("is read by Turnpike itself as that failure", () => {
    const [event] = decodeAll(framesOf(openaiResponsesServer.stream(context).fail(error))).slice(-1);
    expect(event).toMatchObject({ type: "error", failure: { code: "upstream_error", kind: "server" } });
  });
});

describe("a response", () => {
  it("repeats what the client asked, with OpenAI's defaults for what it did not say", () => {
    const request = {
      model: "m",
      input: "Hi",
      instructions: "Be brief.",
      metadata: { trace: "7" },
      temperature: 0.5,
      tools: [{ type: "function", name: "look", parameters: null, strict: false }],
      tool_choice: "required",
      text: { verbosity: "low" },
      reasoning: { effort: "low" },
      store: false,
    };
    const body = openaiResponsesServer.write(completionOf([]), { ...context, request }, free);
    const { model, input, ...asked } = request;
    expect(body).toMatchObject({
      ...asked,
      model: context.model,
      object: "response",
      top_p: null,
      truncation: "disabled",
    });
    expect(body).toMatchObject({ text: { format: { type: "text" }, verbosity: "low" } });
    expect(body).toMatchObject({ reasoning: { effort: "low", summary: null }, parallel_tool_calls: true });
    const silent = openaiResponsesServer.write(completionOf([]), context, free);
    expect(silent).toMatchObject({ instructions: null, metadata: {}, tools: [], tool_choice: "auto", usage: null });
  });

  it("has an id of its own dialect: the provider's if it is one, else the gateway's", () => {
    expect(openaiResponsesServer.write(completionOf([]), context, free).id).toBe("resp_0123456789abcdef");
    const own = { ...completionOf([]), id: "resp_68af" };
    expect(openaiResponsesServer.write(own, context, free).id).toBe("resp_68af");
  });

  it("fails where the model failed inside an answer", () => {
    const completion = completionOf([]);
    const choices = completion.choices.map((choice) => ({
      ...choice,
      finish: "error" as const,
      rawFinish: "MALFORMED_FUNCTION_CALL",
    }));
    const body = openaiResponsesServer.write({ ...completion, choices }, context, free);
    expect(body).toMatchObject({
      status: "failed",
      error: { code: "server_error", message: expect.stringContaining("MALFORMED_FUNCTION_CALL") },
    });
  });

  it("that was filtered is incomplete, and so is its last item", () => {
    const completion = completionOf([
      { type: "tool-call", id: "call_1", name: "look", arguments: "{}" },
      { type: "text", text: "Half a sen" },
    ]);
    const choices = completion.choices.map((choice) => ({ ...choice, finish: "content-filter" as const }));
    const body = openaiResponsesServer.write({ ...completion, choices }, context, free);
    expect(body).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "content_filter" },
      output: [{ status: "completed" }, { status: "incomplete" }],
    });
  });

  it("gives every item an id that OpenAI would take back", () => {
    const parts = [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Hi" },
      { type: "tool-call", id: "call_1", name: "look", arguments: "{}" },
    ] as const;
    const long = { ...context, fallbackId: `req_${"x".repeat(80)}` };
    const { output } = openaiResponsesServer.write(completionOf(parts), long, free);
    const ids = (output as { id: string }[]).map(({ id }) => id);
    expect(ids.map((id) => id.slice(0, 4))).toEqual(["rs_x", "msg_", "fc_x"]);
    expect(ids.every((id) => /^[a-z]+_[a-zA-Z0-9_]+$/.test(id) && id.length <= 64)).toBe(true);
  });

  it("tells errors as OpenAI does, with the request's id", () => {
    const error = { status: 429, code: "rate_limit_exceeded", message: "Slow down.", param: null, requestId: "req_1" };
    expect(openaiResponsesServer.error(error)).toEqual({
      error: {
        message: "Slow down.",
        type: "rate_limit_error",
        param: null,
        code: "rate_limit_exceeded",
        request_id: "req_1",
      },
    });
  });

  it("keeps an idle stream open with a comment, and tells its usage always", () => {
    expect(framesOf(openaiResponsesServer.keepAlive)).toEqual([]);
    expect(openaiResponsesServer.streamUsage).toBe("always");
  });
});
