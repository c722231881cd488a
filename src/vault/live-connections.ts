// The connections in force: those of this machine, and over them those of the database. Replaced whole, never changed.
import type { Connection } from "./credentials.ts";

/** Where stored credentials are read from. */
export interface ConnectionSource {
  /** Those that may be used now, and when that will be others by themselves: epoch milliseconds; null for never. */
  read(nowMs: number): Promise<{ readonly connections: readonly Connection[]; readonly nextMs: number | null }>;
  /** A number that is another one after every change, whichever process made it. */
  epoch(): Promise<number>;
}

export interface LiveConnections {
  /** Those of the environment and of the configuration file, the sandbox included where it may be needed. */
  readonly configured: ReadonlyMap<string, Connection>;
  /** By id: another map after every change, and the same one until then. */
  current(): ReadonlyMap<string, Connection>;
  /** Reads them and puts them in force; calls that are under way keep what they began with. */
  refresh(): Promise<void>;
  /** Does so if any has changed. */
  look(): Promise<void>;
}

export interface LiveConnectionsOptions {
  readonly configured: ReadonlyMap<string, Connection>;
  /** Whether the sandbox goes as soon as there is a stored credential of the installation. */
  readonly sandboxGoes: boolean;
  readonly source: ConnectionSource;
  now(): number;
}

/** How long a change of another process may go unnoticed, milliseconds. */
export const lookMs = 2_000;

/** The connections in force from now on; resolves when they have been read. */
export async function openConnections(options: LiveConnectionsOptions): Promise<LiveConnections> {
  const { configured, source, now } = options;
  let connections = configured;
  let epoch: number | null = null;
  let nextMs: number | null = null;
  let reads = 0;

  const refresh = async (): Promise<void> => {
    const turn = ++reads;
    // First the epoch: a change between the two reads is read once more, and none is missed.
    const readEpoch = await source.epoch();
    const stored = await source.read(now());
    if (turn !== reads) return;
    connections = merged(stored.connections, options);
    epoch = readEpoch;
    nextMs = stored.nextMs;
  };

  await refresh();
  return {
    configured,
    current: () => connections,
    refresh,
    look: async () => {
      if ((nextMs !== null && now() >= nextMs) || (await source.epoch()) !== epoch) await refresh();
    },
  };
}

/** Looks every two seconds from now on. Returns what ends it. */
export function followConnections(connections: LiveConnections, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => void connections.look().catch(onError), lookMs).unref();
  return () => clearInterval(timer);
}

function merged(
  stored: readonly Connection[],
  { configured, sandboxGoes }: LiveConnectionsOptions,
): ReadonlyMap<string, Connection> {
  if (stored.length === 0) return configured;
  const goes = sandboxGoes && stored.some(({ terms }) => (terms?.customer ?? null) === null);
  const kept = [...configured].filter(([, { provider }]) => !goes || provider.local === null);
  return new Map([...kept, ...stored.map((one) => [one.id, one] as const)]);
}
