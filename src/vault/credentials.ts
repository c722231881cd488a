// Which providers can be called, and with what: credentials from the providers' conventional environment variables.
import { configuredProviders } from "../../providers/configured.ts";
import { type Provider, variable } from "../../providers/define.ts";
import { ConfigError } from "../config.ts";
import { readTemplate, withTemplates } from "./references/template.ts";
import { Secret } from "./secret.ts";
import type { SecretSource } from "./source.ts";
import type { Terms } from "./terms.ts";

/** A provider that is ready to be called with one credential. */
export interface Connection {
  /** The provider's id; `#2`, `#3`, … behind it for the further credentials of its pool. */
  readonly id: string;
  readonly provider: Provider;
  /** The value in force, read anew by each call; null for a provider that needs no key. */
  readonly secret: Secret | null;
  /** Where another value comes from when the provider refuses this one; absent where it never changes. */
  readonly source?: SecretSource;
  readonly baseUrl: string;
  /** Of a stored credential; absent for one of this machine's environment or of its configuration file. */
  readonly terms?: Terms;
}

/** A connection whose secret may change while it is used. */
export function connectionWith(parts: Omit<Connection, "secret"> & { readonly source: SecretSource }): Connection {
  return {
    ...parts,
    get secret() {
      return parts.source.current();
    },
  };
}

/** The same connection with another form of its provider. */
export function withProvider(connection: Connection, provider: Provider): Connection {
  const { id, source, baseUrl } = connection;
  // Not all of its members: to take the secret is to read it, which a waiting source has none for.
  return source === undefined ? { ...connection, provider } : connectionWith({ id, provider, source, baseUrl });
}

export interface ConnectionOptions {
  /** `auto`: the sandbox is there until another provider has a key. */
  readonly sandbox: "on" | "off" | "auto";
  /** Where a secret comes from that is written as a reference; null for one that is the secret itself. Absent where none can be read. */
  readonly sourceOf?: (text: string) => SecretSource | null;
}

/** A provider's variables may be given again with `_2` to this number behind their names: further credentials of a pool. */
const largestPool = 20;

/**
 * What this environment can call, by connection id: the providers of the registry, and the servers that it describes itself.
 * Values are read here, once, and never stored.
 * @throws ConfigError when a base URL is not an http(s) URL, or a server is described wrongly.
 */
export function connectionsFromEnvironment(
  registry: readonly Provider[],
  environment: Readonly<Record<string, string | undefined>>,
  options: ConnectionOptions,
): ReadonlyMap<string, Connection> {
  const connections = new Map<string, Connection>();
  const known = [...registry, ...describedProviders(registry, environment)];
  const env = withTemplates(environment, new Set(known.flatMap((provider) => provider.env)));
  const sourceOf = options.sourceOf ?? noSource;
  for (const one of known) {
    const provider = one.variant(env) ?? one;
    if (provider.local !== null) continue;
    const value = provider.secretFrom(env);
    const baseUrl = baseUrlOf(provider, env);
    const wanted = provider.selfHosted ? variable(env, provider.baseUrlEnv) !== null : value !== null;
    if (!wanted || baseUrl === null) continue;
    const connect = (id: string, secret: string | null): void => {
      const source = secret === null ? null : sourceOf(secret);
      const connection =
        source === null
          ? { id, provider, secret: secret === null ? null : new Secret(secret), baseUrl }
          : connectionWith({ id, provider, source, baseUrl });
      connections.set(id, connection);
    };
    connect(provider.id, value);
    if (value !== null)
      for (const [number, more] of furtherSecrets(provider, env)) connect(`${provider.id}#${number}`, more);
  }
  const wantsLocal = options.sandbox === "on" || (options.sandbox === "auto" && connections.size === 0);
  for (const provider of registry) {
    if (provider.local !== null && wantsLocal) {
      connections.set(provider.id, { id: provider.id, provider, secret: null, baseUrl: provider.baseUrl });
    }
  }
  return connections;
}

/** A reference is no secret: where it can't be read it is not to be sent as one. */
function noSource(text: string): null {
  if (readTemplate(text) === null) return null;
  throw new ConfigError(
    `${text}: secrets can't be read from elsewhere here; references work where Turnpike runs on Node`,
  );
}

/** The secrets that are given under the provider's variables with a number behind them, by that number. */
function* furtherSecrets(
  provider: Provider,
  env: Readonly<Record<string, string | undefined>>,
): Generator<readonly [number, string]> {
  for (let number = 2; number <= largestPool; number++) {
    const own = provider.env.filter((name) => variable(env, `${name}_${number}`) !== null);
    if (own.length === 0) continue;
    const secret = provider.secretFrom({
      ...env,
      ...Object.fromEntries(own.map((name) => [name, env[`${name}_${number}`]])),
    });
    if (secret !== null) yield [number, secret];
  }
}

/**
 * The servers that an environment describes by itself.
 * @throws ConfigError when one is described wrongly.
 */
export function describedProviders(
  registry: readonly Provider[],
  env: Readonly<Record<string, string | undefined>>,
): readonly Provider[] {
  const found = configuredProviders(env, new Set(registry.map(({ id }) => id)));
  if (typeof found === "string") throw new ConfigError(found);
  return found;
}

/**
 * Null when the environment does not name what the URL needs.
 * @throws ConfigError when it names what is no http(s) URL.
 */
export function baseUrlOf(provider: Provider, env: Readonly<Record<string, string | undefined>>): string | null {
  const given = variable(env, provider.baseUrlEnv);
  if (given === null) return provider.baseUrlFrom(env);
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new ConfigError(`${provider.baseUrlEnv}: expected an http:// or https:// URL`);
  }
  return given.replace(/\/+$/, "");
}
