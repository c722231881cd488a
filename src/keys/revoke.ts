// Revoking a customer's key: for good, and at once.
import type { Clock } from "../clock.ts";
import type { KeyRecord, KeyStore } from "../store/port.ts";

export interface RevokeDeps {
  readonly keys: KeyStore;
  readonly clock: Clock;
  /** Told when the change stands, so that this process refuses the key from now on. Other processes notice themselves. */
  readonly onChange: (id: string) => void;
}

/** Revokes a key; resolves to it, or to null when there is none with this id. A second time changes nothing. */
export async function revokeKey({ keys, clock, onChange }: RevokeDeps, id: string): Promise<KeyRecord | null> {
  if (!(await keys.revoke(id, clock.now()))) return null;
  onChange(id);
  return keys.get(id);
}
