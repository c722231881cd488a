// The aliases in force: those of the configuration file, and over them those of the database. Replaced whole, never changed.
import type { Alias, Aliases } from "./alias.ts";
import { aliasSet, brokenChain, explainChain } from "./alias-check.ts";

/** Where the operator's aliases are kept. */
export interface AliasSource {
  list(): Promise<readonly Alias[]>;
  /** A number that is another one after every change, whichever process made it. */
  epoch(): Promise<number>;
}

export interface LiveAliases extends Aliases {
  /** Reads them from their source and puts them in force; calls that are under way keep what they began with. */
  refresh(): Promise<void>;
  /** Does so if another process has changed any. */
  look(): Promise<void>;
}

export interface LiveAliasesOptions {
  /** Of the configuration file, which was checked by itself. */
  readonly configured: readonly Alias[];
  readonly source: AliasSource;
  /** Told of a stored alias that the file has made unusable since it was stored: it is left out. */
  onLeftOut(name: string, why: string): void;
}

/** How long a change of another process may go unnoticed. */
const lookMs = 2_000;

/** The aliases in force from now on; resolves when they have been read. */
export async function openAliases({ configured, source, onLeftOut }: LiveAliasesOptions): Promise<LiveAliases> {
  let aliases = aliasSet(configured);
  let epoch: number | null = null;
  let reads = 0;
  const refresh = async (): Promise<void> => {
    const turn = ++reads;
    // First the epoch: a change between the two reads is read once more, and none is missed.
    const readEpoch = await source.epoch();
    const stored = await source.list();
    if (turn !== reads) return;
    aliases = merged(configured, stored, onLeftOut);
    epoch = readEpoch;
  };
  await refresh();
  return {
    get: (name) => aliases.get(name),
    list: () => aliases.list(),
    refresh,
    look: async () => {
      if ((await source.epoch()) !== epoch) await refresh();
    },
  };
}

/** Looks every two seconds from now on. Returns what ends it. */
export function followAliases(aliases: LiveAliases, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => void aliases.look().catch(onError), lookMs).unref();
  return () => clearInterval(timer);
}

/** Both together; stored ones that would lead callers in circles are left out until none does. */
function merged(
  configured: readonly Alias[],
  stored: readonly Alias[],
  onLeftOut: LiveAliasesOptions["onLeftOut"],
): Aliases {
  let left = stored;
  for (;;) {
    const all = aliasSet([...configured, ...left]);
    const chain = brokenChain(all);
    const culprit = chain === null ? undefined : left.findLast(({ name }) => chain.includes(name));
    if (chain === null || culprit === undefined) return all;
    left = left.filter((alias) => alias !== culprit);
    onLeftOut(culprit.name, explainChain(chain));
  }
}
