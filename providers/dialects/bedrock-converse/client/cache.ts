// Turns cache markers into `cachePoint` blocks, within the API's limits.

import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import { generationOf } from "../../anthropic-messages/generation.ts";
import type { CacheMarker } from "../../conversation.ts";
import { familyOf, takesCachePoints } from "../family.ts";
import type { Block, CachePoint, ToolSpec, WireMessage } from "../wire.ts";

/** Amazon Bedrock User Guide, "Prompt caching": the most cache points of a request. */
const maxPoints = 4;
/** Claude 4.5 is the first that keeps a cache for an hour. */
const hourSince = 405;

type Markable = Block | ToolSpec;

/** Which blocks end a prefix that is to be cached, remembered by the block until it is known where it stands. */
export class CacheMarks {
  readonly #marks = new Map<Markable, { readonly cache: CacheMarker; readonly path: string }>();
  readonly #takesHour: boolean;
  readonly #takes: boolean;
  readonly #takesInTools: boolean;

  constructor(model: string) {
    const family = familyOf(model);
    this.#takes = takesCachePoints(family);
    // Nova caches `system` and `messages` only.
    this.#takesInTools = family === "claude";
    this.#takesHour = family === "claude" && (generationOf(model)?.version ?? 0) >= hourSince;
  }

  /** Models that cache nothing lose nothing by it: the marker is a hint about price alone. */
  mark(block: Markable, cache: CacheMarker, path: string): void {
    if (this.#takes && (this.#takesInTools || !("toolSpec" in block))) this.#marks.set(block, { cache, path });
  }

  /**
   * The lists with points in them. Of more than four markers the last of tools and system stays, and the last three of
   * the messages; free places go to the latest of the rest. An hour after five minutes becomes five minutes.
   */
  place(
    lists: {
      readonly tools: readonly ToolSpec[];
      readonly system: readonly Block[];
      readonly messages: readonly WireMessage[];
    },
    losses: Losses,
  ): {
    readonly tools: readonly (ToolSpec | CachePoint)[];
    readonly system: readonly Block[];
    readonly messages: readonly WireMessage[];
  } {
    const { tools, system, messages } = lists;
    if (this.#marks.size === 0) return lists;
    const points = this.#points(
      [...tools, ...system],
      messages.flatMap(({ content }) => content),
      losses,
    );
    return {
      tools: withPoints(tools, points),
      system: withPoints(system, points),
      messages: messages.map(({ role, content }) => ({ role, content: withPoints(content, points) })),
    };
  }

  #points(fixed: readonly Markable[], turns: readonly Markable[], losses: Losses): ReadonlyMap<Markable, CachePoint> {
    const ofFixed = fixed.filter((block) => this.#marks.has(block));
    const ofTurns = turns.filter((block) => this.#marks.has(block));
    const all = [...ofFixed, ...ofTurns];
    const kept = new Set([...ofFixed.slice(-1), ...ofTurns.slice(-maxPoints + 1)]);
    for (const block of all.toReversed()) if (kept.size < maxPoints) kept.add(block);
    const points = new Map<Markable, CachePoint>();
    let fiveMinutes = false;
    for (const block of all) {
      const mark = this.#marks.get(block);
      if (mark === undefined) continue;
      if (!kept.has(block)) {
        const member = mark.path === "tools" ? "tools" : `${mark.path}.cache`;
        losses.drop(member, `holds one of more than ${maxPoints} cache markers, the most that Bedrock takes`);
        continue;
      }
      const hour: boolean = mark.cache.ttl === "1h" && this.#takesHour && !fiveMinutes;
      fiveMinutes ||= !hour;
      points.set(block, { cachePoint: { type: "default", ...(hour && { ttl: "1h" }) } });
    }
    return points;
  }
}

/**
 * A point follows its block; but a point right after a document or video is refused, so it goes before them (recording
 * `test_bedrock_cache_messages_with_document_as_last_content.0`). Where nothing stands before them, it is left out.
 */
function withPoints<B extends Markable>(
  blocks: readonly B[],
  points: ReadonlyMap<Markable, CachePoint>,
): (B | CachePoint)[] {
  const placed: (B | CachePoint)[] = [];
  for (const block of blocks) {
    placed.push(block);
    const point = points.get(block);
    if (point === undefined) continue;
    const at = placed.findLastIndex((before) => !("document" in before || "video" in before)) + 1;
    const before = placed[at - 1];
    if (before !== undefined && !("cachePoint" in before)) placed.splice(at, 0, point);
  }
  return placed;
}
