// A model that answers in one dialect by simple rules: it calls a tool that it is offered, then tells what the tool said;
// it fills in a schema that it is given; else it greets.
import type { JsonObject } from "../../support/recordings.ts";
import type { Exchange, Replay } from "../../support/replay.ts";
import type { Said, Wire } from "./said.ts";

const usage = { input: 11, cached: 4, output: 7, reasoning: 0 };

/** Lets a replay upstream answer every request in this wire, until it is cleared. `say` decides what. */
export function serveModel(replay: Replay, wire: Wire, say: (body: JsonObject) => Said = ruled(wire)): Exchange {
  return replay.script(
    function* (request) {
      const said = say(JSON.parse(request.body) as JsonObject);
      const streamed = wire.form(request) === "stream";
      yield {
        kind: "head",
        status: 200,
        headers: { "content-type": streamed ? wire.streamType : "application/json" },
      };
      yield streamed ? wire.stream(said) : JSON.stringify(wire.whole(said));
    },
    { match: (request) => wire.form(request) !== null, times: Number.POSITIVE_INFINITY },
  );
}

function ruled(wire: Wire): (body: JsonObject) => Said {
  return (body) => {
    const results = wire.asked(body).turns.flatMap((turn) => (turn.by === "tools" ? turn.results : []));
    const said: Said = { reasoning: null, text: "", calls: [], usage };
    if (results.length > 0) return { ...said, text: `The tool said: ${results.map(({ text }) => text).join(", ")}` };
    if (offersTools(body)) {
      return { ...said, calls: [{ id: "call_scripted_1", name: "weather", arguments: { city: "Paris" } }] };
    }
    if (JSON.stringify(body).includes('"celsius"')) return { ...said, text: '{"city":"Paris","celsius":21}' };
    return { ...said, text: "Hello there, said the model." };
  };
}

function offersTools({ tools }: JsonObject): boolean {
  return JSON.stringify(tools ?? null).includes('"weather"');
}
