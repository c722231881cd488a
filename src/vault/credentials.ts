// Which providers can be called, and with what: credentials from the providers' conventional environment variables.
import { configuredProviders } from "../../providers/configured.ts";
import { type Provider, variable } from "../../providers/define.ts";
import { ConfigError } from "../config.ts";
import { Secret } from "./secret.ts";

/** A provider that is ready to be called. */
export interface Connection {
  readonly provider: Provider;
  /** Null for a provider that needs no key. */
  readonly secret: Secret | null;
  readonly baseUrl: string;
}

export interface ConnectionOptions {
  /** `auto`: the sandbox is there until another provider has a key. */
  readonly sandbox: "on" | "off" | "auto";
}

/**
 * The providers that this environment can call, by id: those of the registry, and the servers that it describes itself.
 * Values are read here, once, and never stored.
 * @throws ConfigError when a base URL is not an http(s) URL, or a server is described wrongly.
 */
export function connectionsFromEnvironment(
  registry: readonly Provider[],
  env: Readonly<Record<string, string | undefined>>,
  options: ConnectionOptions,
): ReadonlyMap<string, Connection> {
  const connections = new Map<string, Connection>();
  for (const known of [...registry, ...described(registry, env)]) {
    const provider = known.variant(env) ?? known;
    if (provider.local !== null) continue;
    const value = provider.secretFrom(env);
    const baseUrl = baseUrlOf(provider, env);
    const wanted = provider.selfHosted ? variable(env, provider.baseUrlEnv) !== null : value !== null;
    if (!wanted || baseUrl === null) continue;
    connections.set(provider.id, { provider, secret: value === null ? null : new Secret(value), baseUrl });
  }
  const wantsLocal = options.sandbox === "on" || (options.sandbox === "auto" && connections.size === 0);
  for (const provider of registry) {
    if (provider.local !== null && wantsLocal) {
      connections.set(provider.id, { provider, secret: null, baseUrl: provider.baseUrl });
    }
  }
  return connections;
}

function described(registry: readonly Provider[], env: Readonly<Record<string, string | undefined>>) {
  const found = configuredProviders(env, new Set(registry.map(({ id }) => id)));
  if (typeof found === "string") throw new ConfigError(found);
  return found;
}

/** Null when the environment does not name what the URL needs. */
function baseUrlOf(provider: Provider, env: Readonly<Record<string, string | undefined>>): string | null {
  const given = variable(env, provider.baseUrlEnv);
  if (given === null) return provider.baseUrlFrom(env);
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new ConfigError(`${provider.baseUrlEnv}: expected an http:// or https:// URL`);
  }
  return given.replace(/\/+$/, "");
}
