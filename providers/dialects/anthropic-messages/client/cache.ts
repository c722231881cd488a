// Keeps a request's prompt-cache markers within the API's limits.
import type { CacheControl, TextBlock, Tool, WireMessage } from "../wire.ts";
import type { Losses } from "./unsupported.ts";

/** "A maximum of 4 blocks with cache_control may be provided." */
const maxMarkers = 4;

/** A tool or block that may carry a marker. */
interface Markable {
  cache_control?: CacheControl | null;
}

export interface Marked {
  readonly tools: readonly Tool[];
  readonly system: readonly TextBlock[];
  readonly messages: readonly WireMessage[];
  readonly origins: ReadonlyMap<object, string>;
}

/**
 * Of more than four markers, these stay: the last one of tools and system, whose prefix other conversations share, and the
 * last three of the messages, whose prefixes the next turn of this one shares; free places go to the latest of the rest.
 * An hour's marker after one of five minutes becomes one of five minutes ("a ttl='1h' cache_control block must not come
 * after a ttl='5m' cache_control block", in the order tools, system, messages). Both are reported: they are hints that the
 * caller set on purpose.
 */
export function limitMarkers({ tools, system, messages, origins }: Marked, losses: Losses): void {
  const fixed = marked([...tools, ...system]);
  const turns = marked(messages.flatMap(({ content }) => content as Markable[]));
  const all = [...fixed, ...turns];
  if (all.length === 0) return;
  const kept = new Set([...fixed.slice(-1), ...turns.slice(-maxMarkers + 1)]);
  for (const block of all.toReversed()) if (kept.size < maxMarkers) kept.add(block);

  let fiveMinutes = false;
  for (const block of all) {
    const member = `${origins.get(block) ?? "tools"}${origins.has(block) ? ".cache" : ""}`;
    if (!kept.has(block)) {
      delete block.cache_control;
      losses.drop(member, `holds one of more than ${maxMarkers} cache markers, the most that Anthropic takes`);
    } else if (block.cache_control?.ttl !== "1h") {
      fiveMinutes = true;
    } else if (fiveMinutes) {
      block.cache_control = { type: "ephemeral", ttl: "5m" };
      losses.drop(member, "asks for a cache of an hour after one of five minutes, which Anthropic refuses");
    }
  }
}

function marked(blocks: readonly Markable[]): readonly Markable[] {
  return blocks.filter((block) => block.cache_control !== undefined && block.cache_control !== null);
}
