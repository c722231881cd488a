// Suffixes of a name that say what its caller wants of it, whatever else is preferred.

/** `…:floor`: the cheapest. `…:nitro`: the fastest. */
export const suffixes = { ":floor": "price", ":nitro": "throughput" } as const;

/** A name without its suffix, or as it is. */
export function withoutSuffix(name: string): string {
  for (const suffix of Object.keys(suffixes)) if (name.endsWith(suffix)) return name.slice(0, -suffix.length);
  return name;
}
