// The public keys of issuers: asked for when they are first needed, kept, renewed, and kept on when the issuer is away.
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Clock } from "../clock.ts";
import { Denial } from "./denial.ts";
import { discoveryUrl, type FetchDocument, issuerProblem } from "./issuer.ts";

export interface KeySetSource {
  readonly issuer: string;
  readonly ca: string | null;
}

/** Keys of an issuer that can be asked once more. */
export interface KeySet {
  readonly keys: JWTVerifyGetKey;
  /** Newer keys, for a token by a key that is not among these; null when the issuer was asked too lately. */
  newer(): Promise<JWTVerifyGetKey | null>;
}

/** Keys older than this are renewed beside the tokens that they still serve. */
const freshMs = 10 * 60_000;
/** Keys are not used for longer than this when the issuer can't be asked. */
const lastGoodMs = 24 * 3_600_000;
/** Between two questions, whoever wants one: keys that nobody has heard of must not become a flood for the issuer. */
const betweenMs = 30_000;
/** After a failure. */
const retryMs = 10_000;
const timeoutMs = 5_000;
const maxBytes = 256 * 1024;
const mostKeys = 100;
const mostIssuers = 1_000;

interface Kept {
  keys: JWTVerifyGetKey | null;
  /** When it was asked last, and when that last went well; monotonic. */
  askedAtMs: number;
  gotAtMs: number;
  failed: unknown;
  asking: Promise<void> | null;
}

export interface KeySetsDeps {
  readonly fetch: FetchDocument;
  readonly clock: Pick<Clock, "monotonic">;
  /** Told when an issuer can't be asked. */
  onTrouble(issuer: string, error: unknown): void;
  /** Where promises may not be shared between requests (Workers), each one asks for itself. */
  readonly alone?: boolean;
}

export interface KeySets {
  /** @throws Denial `temporarily_unavailable` when there are no keys and the issuer gives none. */
  of(source: KeySetSource): Promise<KeySet>;
}

export function createKeySets({ fetch, clock, onTrouble, alone = false }: KeySetsDeps): KeySets {
  const sets = new Map<string, Kept>();

  function keptOf({ issuer, ca }: KeySetSource): Kept {
    const id = JSON.stringify([issuer, ca]);
    let kept = sets.get(id);
    if (kept === undefined) {
      const [first] = sets.keys();
      if (sets.size >= mostIssuers && first !== undefined) sets.delete(first);
      kept = { keys: null, askedAtMs: Number.NEGATIVE_INFINITY, gotAtMs: 0, failed: null, asking: null };
      sets.set(id, kept);
    }
    return kept;
  }

  /** All who want to know ask once. Never rejects. */
  function ask(kept: Kept, source: KeySetSource): Promise<void> {
    if (alone) return askOnce(kept, source);
    kept.asking ??= askOnce(kept, source).finally(() => {
      kept.asking = null;
    });
    return kept.asking;
  }

  async function askOnce(kept: Kept, source: KeySetSource): Promise<void> {
    kept.askedAtMs = clock.monotonic();
    try {
      kept.keys = createLocalJWKSet(await readKeys(source, fetch));
      kept.gotAtMs = clock.monotonic();
      kept.failed = null;
    } catch (error) {
      kept.failed = error;
      onTrouble(source.issuer, error);
    }
  }

  return {
    async of(source) {
      const kept = keptOf(source);
      const now = clock.monotonic();
      const mayAsk = now - kept.askedAtMs >= (kept.failed === null ? betweenMs : retryMs);
      const isUsable = kept.keys !== null && now - kept.gotAtMs < lastGoodMs;
      if (!isUsable && (mayAsk || kept.asking !== null)) await ask(kept, source);
      else if (mayAsk && now - kept.gotAtMs >= freshMs) {
        const renewed = ask(kept, source);
        if (alone) await renewed;
      }
      const { keys } = kept;
      if (keys === null || clock.monotonic() - kept.gotAtMs >= lastGoodMs) {
        throw new Denial("temporarily_unavailable", "The issuer of this token can't be asked for its keys now.", {
          retryAfterMs: retryMs,
          cause: kept.failed,
        });
      }
      return {
        keys,
        async newer() {
          const mayAskNow = clock.monotonic() - kept.askedAtMs >= (kept.failed === null ? betweenMs : retryMs);
          if (kept.asking === null && !mayAskNow) return kept.keys === keys ? null : kept.keys;
          await ask(kept, source);
          return kept.keys === keys ? null : kept.keys;
        },
      };
    },
  };
}

/** @throws Error saying what of the issuer's answers can't be used. */
async function readKeys({ issuer, ca }: KeySetSource, fetch: FetchDocument): Promise<JSONWebKeySet> {
  const options = { ca, timeoutMs, maxBytes };
  const discovered = (await fetch(discoveryUrl(issuer), options)) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (discovered?.issuer !== issuer) throw new Error("its discovery document is another issuer's");
  const { jwks_uri: at } = discovered;
  if (typeof at !== "string" || issuerProblem(at.replace(/\?.*$/, "")) !== null) {
    throw new Error("its discovery document names no usable `jwks_uri`");
  }
  const set = (await fetch(at, options)) as { keys?: unknown } | null;
  if (!Array.isArray(set?.keys) || set.keys.length > mostKeys) throw new Error("its key set is none, or too large");
  return { keys: publicKeys(set.keys) };
}

/** Only keys that can verify and can't sign: a set that holds others is somebody's mistake, and a shared secret proves nothing. */
export function publicKeys(keys: readonly unknown[]): JSONWebKeySet["keys"] {
  return keys.filter((key): key is JSONWebKeySet["keys"][number] => {
    if (typeof key !== "object" || key === null) return false;
    const { kty, use, d } = key as { kty?: unknown; use?: unknown; d?: unknown };
    return (kty === "RSA" || kty === "EC" || kty === "OKP") && (use === undefined || use === "sig") && d === undefined;
  });
}
