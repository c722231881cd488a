// Which providers can be called, and with what: credentials from the providers' conventional environment variables.
import type { Provider } from "../../providers/define.ts";
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
 * The providers that this environment can call, by id. Values are read here, once, and never stored.
 * @throws ConfigError when a base URL is not an http(s) URL.
 */
export function connectionsFromEnvironment(
  providers: readonly Provider[],
  env: Readonly<Record<string, string | undefined>>,
  options: ConnectionOptions,
): ReadonlyMap<string, Connection> {
  const connections = new Map<string, Connection>();
  for (const provider of providers) {
    if (provider.local !== null) continue;
    const value = provider.secretFrom(env);
    if (value === null) continue;
    connections.set(provider.id, { provider, secret: new Secret(value), baseUrl: baseUrlOf(provider, env) });
  }
  const wantsLocal = options.sandbox === "on" || (options.sandbox === "auto" && connections.size === 0);
  for (const provider of providers) {
    if (provider.local !== null && wantsLocal) {
      connections.set(provider.id, { provider, secret: null, baseUrl: provider.baseUrl });
    }
  }
  return connections;
}

function baseUrlOf(provider: Provider, env: Readonly<Record<string, string | undefined>>): string {
  const given = env[provider.baseUrlEnv]?.trim();
  if (given === undefined || given === "") return provider.baseUrlFrom(env);
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new ConfigError(`${provider.baseUrlEnv}: expected an http:// or https:// URL`);
  }
  return given.replace(/\/+$/, "");
}
