// What `turnpike doctor` finds of secrets that stand elsewhere: each is read once, now.
import { readInstalled } from "../installed.node.ts";
import type { ReferenceState } from "../vault/references/source.ts";

const silent = (): void => undefined;

/**
 * Reads them all, and tells how each went.
 * @param stored those of stored credentials, beside those of the environment and of the configuration file.
 * @throws ConfigError when the settings or the configuration file can't be used.
 */
export async function readReferences(
  env: Readonly<Record<string, string | undefined>>,
  stored: readonly string[],
): Promise<readonly ReferenceState[]> {
  const { references } = readInstalled(env);
  try {
    for (const reference of stored) references.sourceOf(reference);
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
