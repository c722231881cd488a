// What `turnpike doctor` finds of secrets that stand elsewhere: each is read once, now.
import { readInstalled } from "../installed.node.ts";
import type { ReferenceState } from "../vault/references/source.ts";

const silent = (): void => undefined;

/** Reads them all, and tells how each went. @throws ConfigError when the settings or the configuration file can't be used. */
export async function readReferences(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly ReferenceState[]> {
  const { references } = readInstalled(env);
  try {
    await references.begin({
      log: { debug: silent, info: silent, warn: silent, error: silent },
      alerts: { raise: silent, resolve: silent },
      strict: false,
    });
    return references.describe();
  } finally {
    references.close();
  }
}
