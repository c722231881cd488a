// A secret with a former version: calls move to the new one at once, and back for a while when the provider refuses it.
import type { Secret } from "./secret.ts";
import type { SecretSource } from "./source.ts";

export interface UsableVersion {
  readonly version: number;
  readonly source: SecretSource;
  /** The end of its overlap, epoch milliseconds; null for the version in force. */
  readonly untilMs: number | null;
}

export interface VersionedOptions {
  now(): number;
  /** Told when a version is refused, and which one calls go on with; null for none. */
  onRefused?(refused: number, next: number | null): void;
}

/** A refused version is left alone for so long while another one works. */
const pauseMs = 30_000;

/** @param versions the one in force first, then those that overlap with it, the newest first. */
export function versionedSecret(versions: readonly UsableVersion[], options: VersionedOptions): SecretSource {
  const pausedUntilMs = new Map<UsableVersion, number>();

  function usable(nowMs: number): UsableVersion | undefined {
    return versions.find(
      (one) =>
        (one.untilMs === null || nowMs < one.untilMs) &&
        nowMs >= (pausedUntilMs.get(one) ?? 0) &&
        one.source.waiting?.() !== true,
    );
  }

  function present(): UsableVersion {
    const [first] = versions;
    if (first === undefined) throw new Error("a credential has a version in force");
    return usable(options.now()) ?? first;
  }

  return {
    current: () => present().source.current(),
    waiting: () => present().source.waiting?.() === true,
    async renew(refused: Secret) {
      const value = refused.reveal();
      const one = versions.find(({ source }) => textOf(source) === value);
      if (one !== undefined) {
        if (await one.source.renew(refused)) return true;
        const nowMs = options.now();
        const news = nowMs >= (pausedUntilMs.get(one) ?? 0);
        pausedUntilMs.set(one, nowMs + pauseMs);
        const next = usable(nowMs);
        // Where nothing else is left it goes on being tried, as any credential is that its provider refuses.
        if (next === undefined) pausedUntilMs.delete(one);
        if (news) options.onRefused?.(one.version, next?.version ?? null);
      }
      return textOf(present().source) !== value;
    },
  };
}

/** Null while a reference waits for its manager. */
function textOf(source: SecretSource): string | null {
  try {
    return source.current().reveal();
  } catch {
    return null;
  }
}
