// Cost: told to a client in the last event of a stream that is passed on as it came.
import { isObject, type Json, object } from "../../json.ts";

/**
 * Adds `usage.cost` (US dollars, as OpenRouter has it) to the response in one frame's text.
 * @param costUsd A decimal.
 * @returns The frame with every other byte as it was; a cost that the provider named is replaced. The frame itself when
 *   its response holds no usage.
 */
export function withCost(frame: string, costUsd: string): string {
  const start = frame.indexOf("{");
  const end = frame.lastIndexOf("}") + 1;
  const event = parse(frame.slice(start, end));
  const response = object(event?.response);
  if (start === -1 || response === null || !isObject(response.usage)) return frame;
  const cost = Number(costUsd);
  const places = [...frame.matchAll(/"usage": *\{/g)];
  const [place] = places;
  if (place === undefined || places.length > 1 || "cost" in response.usage) {
    const changed = { ...event, response: { ...response, usage: { ...response.usage, cost } } };
    return frame.slice(0, start) + JSON.stringify(changed) + frame.slice(end);
  }
  const at = place.index + place[0].length;
  const comma = Object.keys(response.usage).length === 0 ? "" : ",";
  return `${frame.slice(0, at)}"cost":${cost}${comma}${frame.slice(at)}`;
}

function parse(text: string): Json | null {
  try {
    return object(JSON.parse(text));
  } catch {
    return null;
  }
}
