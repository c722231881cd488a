// Cache markers: Anthropic's `cache_control`, as OpenRouter and others take it on OpenAI chat bodies, and OpenAI's own.
import type { CacheMarker } from "./conversation.ts";
import { type Json, object } from "./json.ts";

export interface WireMarker {
  readonly type: "ephemeral";
  readonly ttl?: "5m" | "1h";
}

/**
 * The marker on a part, a tool or a message: `cache_control`, or `prompt_cache_breakpoint` (OpenAI API reference, content
 * parts), whose lifetimes no other vendor has. Null when there is none.
 */
export function readCacheMarker(holder: Json): CacheMarker | null {
  const marker = object(holder.cache_control);
  if (marker !== null) return { ttl: marker.ttl === "5m" || marker.ttl === "1h" ? marker.ttl : null };
  return object(holder.prompt_cache_breakpoint) === null ? null : { ttl: null };
}

export function writeCacheMarker({ ttl }: CacheMarker): WireMarker {
  return { type: "ephemeral", ...(ttl === null ? {} : { ttl }) };
}
