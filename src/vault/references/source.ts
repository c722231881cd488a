// A credential's source made of references: its value is theirs, put together.
import { Secret } from "../secret.ts";
import type { SecretSource } from "../source.ts";
import type { Kept } from "./kept.ts";
import type { Reference, Scheme } from "./reference.ts";
import { fill, type Template } from "./template.ts";

/** A refused value that the manager still has is asked about again after so long, twice as long each time. */
const firstFutileMs = 1_000;
const longestFutileMs = 30_000;

/**
 * - `waiting`: never read yet; calls fail over to other credentials.
 * - `fresh`: read, and the last try succeeded.
 * - `stale`: the last good value serves while tries fail.
 * - `expired`: the last good value is older than it may be.
 */
export const statuses = ["waiting", "fresh", "stale", "expired"] as const;
export type ReferenceStatus = (typeof statuses)[number];

/** How one reference stands. Times are epoch milliseconds. */
export interface ReferenceState {
  readonly reference: string;
  readonly manager: Scheme;
  readonly status: ReferenceStatus;
  readonly version: string | null;
  readonly readAtMs: number | null;
  readonly expiresAtMs: number | null;
  readonly nextReadAtMs: number | null;
  /** Failed tries in a row. */
  readonly failures: number;
  readonly lastError: { readonly atMs: number; readonly message: string } | null;
}

/** A source that is read from elsewhere. `current` throws a ProviderError while it has no value. */
export interface ReferenceSource extends SecretSource {
  /** How its references stand, in their order. */
  describe(): readonly ReferenceState[];
  /** Nobody uses it any more. */
  close(): void;
}

/** One reference in use. */
export interface Part {
  readonly reference: Reference;
  readonly kept: Kept;
  /** @throws ProviderError while there is none. */
  value(): string;
  /** Whether there is none, or it is too old. */
  waiting(): boolean;
  state(): ReferenceState;
  close(): void;
}

/** @param open is called once for each reference of the template. */
export function combine(template: Template, open: (reference: Reference) => Part, now: () => number): ReferenceSource {
  const parts = new Map<Reference, Part>();
  for (const one of template) if (typeof one !== "string") parts.set(one, open(one));
  let secret: Secret | null = null;
  const futile = { value: "", untilMs: 0, pauseMs: firstFutileMs };

  function current(): Secret {
    const text = fill(template, (reference) => parts.get(reference)?.value() ?? "");
    // The same object as long as it is the same value: making one takes time.
    if (secret === null || secret.reveal() !== text) secret = new Secret(text);
    return secret;
  }

  function differsFrom(refused: string): boolean {
    try {
      return current().reveal() !== refused;
    } catch {
      return false;
    }
  }

  return {
    current,
    waiting: () => [...parts.values()].some((part) => part.waiting()),
    async renew(refused) {
      const value = refused.reveal();
      const differs = (): boolean => differsFrom(value);
      if (differs()) return true;
      if (futile.value === value && now() < futile.untilMs) return false;
      await Promise.all([...parts.values()].map(({ kept }) => kept.renew(differs)));
      if (differs()) return true;
      futile.pauseMs = futile.value === value ? Math.min(2 * futile.pauseMs, longestFutileMs) : firstFutileMs;
      futile.value = value;
      futile.untilMs = now() + futile.pauseMs;
      return false;
    },
    describe: () => [...parts.values()].map((part) => part.state()),
    close() {
      for (const part of parts.values()) part.close();
    },
  };
}
