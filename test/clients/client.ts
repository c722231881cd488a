// What every client is asked to do, whatever it calls it.
import { z } from "zod";

/** Where a client finds the gateway. */
export interface Place {
  /** Without a path. */
  readonly url: string;
  readonly key: string;
}

/** One client library, in one of the dialects that it speaks, used as its own documentation shows. */
export interface Client {
  readonly name: string;
  whole(model: string, prompt: string): Promise<string>;
  stream(model: string, prompt: string): Promise<string>;
  /** Runs the tool loop with `runWeather` and gives the final text. */
  tools(model: string, prompt: string, runWeather: RunWeather): Promise<string>;
  /** The same, with streams; absent where the library has no loop for streams. */
  streamedTools?(model: string, prompt: string, runWeather: RunWeather): Promise<string>;
  /** An object that fits `report`; absent where the library has no form for it. */
  structured?(model: string, prompt: string): Promise<unknown>;
}

export type RunWeather = (args: { readonly city: string }) => string;

export const weather = {
  name: "weather",
  description: "Tells the weather of a city.",
  schema: z.object({ city: z.string() }),
  jsonSchema: {
    type: "object" as const,
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};

/** What structured answers must be. */
export const report = z.object({ city: z.string(), celsius: z.number() });
