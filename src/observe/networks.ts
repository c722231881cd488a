// Notes from which networks keys are used: in memory, and written in groups.

export interface NetworkNote {
  readonly keyId: string;
  readonly network: string;
  readonly atMs: number;
}

export interface NetworkWatch {
  /** A key was used from an address. Nearly always it was before, and nothing happens. */
  came(keyId: string, address: string, atMs: number): void;
  /** Writes what was noted. Rejects when the database does not take it; then it is forgotten until the address comes again. */
  flush(): Promise<void>;
}

export interface NetworkWatchOptions {
  /** What is kept of an address: its network, in a form that tells it to nobody. */
  nameOf(address: string): string;
  note(uses: readonly NetworkNote[]): Promise<void>;
}

/** An address is noted again after this, so that what is in use does not look forgotten. */
const againAfterMs = 60 * 60 * 1_000;
/** Addresses of all keys that are remembered, and uses that wait to be written. */
const mostKnown = 200_000;
const mostWaiting = 20_000;

export function createNetworkWatch({ nameOf, note }: NetworkWatchOptions): NetworkWatch {
  /** Addresses by key: looking for a pair of strings that are there already makes no third. */
  const known = new Map<string, Set<string>>();
  let pairs = 0;
  let forgetAtMs = 0;
  let waiting: NetworkNote[] = [];

  function forget(): void {
    known.clear();
    pairs = 0;
  }

  function addressesOf(keyId: string): Set<string> {
    const addresses = known.get(keyId) ?? new Set();
    known.set(keyId, addresses);
    return addresses;
  }

  return {
    came(keyId, address, atMs) {
      if (atMs >= forgetAtMs || pairs >= mostKnown) {
        forget();
        forgetAtMs = atMs + againAfterMs;
      }
      if (known.get(keyId)?.has(address) || waiting.length >= mostWaiting) return;
      addressesOf(keyId).add(address);
      pairs += 1;
      waiting.push({ keyId, network: nameOf(address), atMs });
    },
    async flush() {
      if (waiting.length === 0) return;
      const uses = waiting;
      waiting = [];
      try {
        await note(uses);
      } catch (error) {
        forget();
        throw error;
      }
    },
  };
}
