// Credentials that are written down in files, as some clouds' tools leave them on a machine.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Environment, type Machine, type Provider, variable } from "../../providers/define.ts";
import { ConfigError } from "../config.ts";
import { type Connection, type ConnectionOptions, connectionsFromEnvironment, withProvider } from "./credentials.ts";
import { referencesOfMachine } from "./references/machine.node.ts";
import { openReferences } from "./references/open.ts";

/**
 * What this machine's environment can call, the files that it names included.
 * @throws ConfigError as `connectionsFromEnvironment` does, and when a file can't be read.
 */
export function connectionsOfMachine(
  registry: readonly Provider[],
  env: Environment,
  options: ConnectionOptions,
): ReadonlyMap<string, Connection> {
  // Those who only look at what there is read no secret from elsewhere.
  const unread = openReferences(referencesOfMachine(env, { maxAgeMs: null }));
  const connections = connectionsFromEnvironment(registry, withFiles(registry, env), {
    sourceOf: unread.sourceOf,
    ...options,
  });
  // The credentials of a pool share their provider.
  const lent = new Map([...connections.values()].map(({ provider }) => [provider, onMachine(provider)]));
  return new Map([...connections].map(([id, one]) => [id, withProvider(one, lent.get(one.provider) ?? one.provider)]));
}

const machine: Machine = { readFile: (path) => readFile(path, "utf8") };

/** The same provider, whose identity may read this machine's files. */
export function onMachine(provider: Provider): Provider {
  return { ...provider, authorize: (request, secret) => provider.authorize(request, secret, machine) };
}

function withFiles(registry: readonly Provider[], env: Environment): Environment {
  const texts: Record<string, string> = {};
  for (const { secretFile } of registry) {
    const path = secretFile === null ? null : variable(env, secretFile.path);
    if (secretFile === null || path === null || variable(env, secretFile.text) !== null) continue;
    try {
      texts[secretFile.text] = readFileSync(path, "utf8");
    } catch {
      throw new ConfigError(`${secretFile.path}: can't read the file that it names`);
    }
  }
  return { ...env, ...texts };
}
