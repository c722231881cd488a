// Credentials that are written down in files, as some clouds' tools leave them on a machine.
import { readFileSync } from "node:fs";
import { type Environment, type Provider, variable } from "../../providers/define.ts";
import { ConfigError } from "../config.ts";
import { type Connection, type ConnectionOptions, connectionsFromEnvironment } from "./credentials.ts";

/**
 * What this machine's environment can call, the files that it names included.
 * @throws ConfigError as `connectionsFromEnvironment` does, and when a file can't be read.
 */
export function connectionsOfMachine(
  registry: readonly Provider[],
  env: Environment,
  options: ConnectionOptions,
): ReadonlyMap<string, Connection> {
  return connectionsFromEnvironment(registry, withFiles(registry, env), options);
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
