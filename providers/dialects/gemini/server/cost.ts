// Cost: told to a client in the usage of a stream's frame that is passed on as it came.
import { asObject, parseObject } from "../wire.ts";

/**
 * Adds `usageMetadata.cost` (US dollars) to one frame's text.
 * @param costUsd A decimal.
 * @returns The frame with every other byte as it was; the frame itself when it holds no usage.
 */
export function withCost(frame: string, costUsd: string): string {
  const start = frame.indexOf("{");
  const end = frame.lastIndexOf("}") + 1;
  const chunk = start === -1 ? null : parseObject(frame.slice(start, end));
  const usage = asObject(chunk?.usageMetadata);
  if (chunk === null || usage === null) return frame;
  const cost = Number(costUsd);
  const [place, ...others] = frame.matchAll(/"usageMetadata"\s*:\s*\{/g);
  if (place === undefined || others.length > 0 || "cost" in usage) {
    const changed = JSON.stringify({ ...chunk, usageMetadata: { ...usage, cost } });
    return frame.slice(0, start) + changed + frame.slice(end);
  }
  const at = place.index + place[0].length;
  return `${frame.slice(0, at)}"cost":${cost}${Object.keys(usage).length === 0 ? "" : ","}${frame.slice(at)}`;
}
