// Rotating a key: a new secret at once, the old one beside it for a while, so that no client fails in between.
import type { Clock } from "../clock.ts";
import type { KeyRecord, KeySecretRecord, KeyStore } from "../store/port.ts";
import type { Digest } from "./digest.ts";
import { generateKey, hintOf } from "./format.ts";
import type { IssuedKey } from "./issue.ts";

export interface RotateDeps {
  readonly keys: KeyStore;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Told when the change stands, so that this process takes it up at once. Other processes notice themselves. */
  readonly onChange: (id: string) => void;
}

const hourMs = 3_600_000;
/** How long the old secret works where neither the request nor the key's rotation policy says. */
const usualOverlapHours = 24;

/**
 * Gives a key a new secret; resolves to it, or to null when there is no such key or it is revoked.
 * @param overlapHours how long the old secrets go on working; the key's own policy where it is null.
 */
export async function rotateKey(
  { keys, digest, clock, onChange }: RotateDeps,
  id: string,
  overlapHours: number | null,
): Promise<IssuedKey | null> {
  const key = await keys.get(id);
  if (key === null) return null;
  const secret = generateKey(key.environment);
  const createdAtMs = clock.now();
  const overlapMs = (overlapHours ?? key.rotation?.overlapHours ?? usualOverlapHours) * hourMs;
  const stored: KeySecretRecord = {
    digest: digest(secret),
    keyId: id,
    createdAtMs,
    expiresAtMs: null,
    hint: hintOf(secret),
    lastUsedAtMs: null,
  };
  if (!(await keys.rotate(id, stored, createdAtMs + overlapMs))) return null;
  onChange(id);
  const rotated = await keys.get(id);
  return rotated === null ? null : { key: rotated, secret };
}

/** Ends an overlap early; resolves to the key, or to null when there is none. */
export async function endOverlap(
  { keys, clock, onChange }: Pick<RotateDeps, "keys" | "clock" | "onChange">,
  id: string,
): Promise<KeyRecord | null> {
  await keys.endOverlap(id, clock.now());
  onChange(id);
  return keys.get(id);
}

/**
 * Ends the overlaps whose old secret has been quiet for as long as its key's rotation policy says. To be called now and then.
 * @returns the ids of the keys whose overlap was ended.
 */
export async function endQuietOverlaps(
  { keys, clock, onChange }: Pick<RotateDeps, "keys" | "clock" | "onChange">,
  among: readonly KeyRecord[],
): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const { id, rotation, rotatedAtMs } of among) {
    if (rotation?.quietHours === undefined) continue;
    const now = clock.now();
    const old = (await keys.secrets(id)).filter(({ expiresAtMs }) => expiresAtMs !== null && expiresAtMs > now);
    const quietSince = now - rotation.quietHours * hourMs;
    // Silence counts from the rotation on: a client that sleeps at night is not to find its secret gone by the morning.
    const quiet = old.every(
      ({ lastUsedAtMs, createdAtMs }) => Math.max(lastUsedAtMs ?? 0, rotatedAtMs ?? createdAtMs) < quietSince,
    );
    if (old.length === 0 || !quiet) continue;
    await keys.endOverlap(id, now);
    onChange(id);
    ended.push(id);
  }
  return ended;
}
