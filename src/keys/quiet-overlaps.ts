// Ends, now and then, the overlaps whose old secret nobody uses any more.
import type { KeyRecord } from "../store/port.ts";
import { endQuietOverlaps, type RotateDeps } from "./rotate.ts";

const everyMs = 60_000;
const pageSize = 1_000;

type Deps = Pick<RotateDeps, "keys" | "clock" | "onChange">;

/** Looks at all keys that are in an overlap, once. */
export async function lookForQuietOverlaps(deps: Deps): Promise<void> {
  const found: KeyRecord[] = [];
  let cursor: string | null = null;
  do {
    const page = await deps.keys.list({
      overlapAtMs: deps.clock.now(),
      limit: pageSize,
      ...(cursor !== null && { cursor }),
    });
    found.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  await endQuietOverlaps(deps, found);
}

/** Looks every minute from now on; returns how to stop. */
export function followQuietOverlaps(deps: Deps, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => void lookForQuietOverlaps(deps).catch(onError), everyMs).unref();
  return () => clearInterval(timer);
}
