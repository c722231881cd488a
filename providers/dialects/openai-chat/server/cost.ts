// Cost: told to a client in the usage chunk of a stream that is passed on as it came.
import { isObject, object } from "../../json.ts";

/**
 * Adds `usage.cost` (US dollars, as OpenRouter has it) to one frame's text.
 * @param costUsd A decimal.
 * @returns The frame with every other byte as it was; a cost that the provider named is replaced. The frame itself when
 *   it holds no usage.
 */
export function withCost(frame: string, costUsd: string): string {
  const start = frame.indexOf("{");
  const end = frame.lastIndexOf("}") + 1;
  const chunk = parse(frame.slice(start, end));
  if (start === -1 || chunk === null || !isObject(chunk.usage)) return frame;
  const cost = Number(costUsd);
  const places = [...frame.matchAll(/"usage": *\{/g)];
  const [place] = places;
  if (place === undefined || places.length > 1 || "cost" in chunk.usage) {
    const changed = JSON.stringify({ ...chunk, usage: { ...chunk.usage, cost } });
    return frame.slice(0, start) + changed + frame.slice(end);
  }
  const at = place.index + place[0].length;
  const comma = Object.keys(chunk.usage).length === 0 ? "" : ",";
  return `${frame.slice(0, at)}"cost":${cost}${comma}${frame.slice(at)}`;
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return object(JSON.parse(text));
  } catch {
    return null;
  }
}
