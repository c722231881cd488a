// What this machine's installation is made of before its database is opened: settings, the configuration file, the catalogue, and
// the providers that can be called.
import { createCatalog } from "../providers/catalog/catalog.ts";
import { withDeclarations } from "../providers/catalog/declared.ts";
import type { ModelFacts } from "../providers/catalog/facts.ts";
import type { Provider } from "../providers/define.ts";
import { providers } from "../providers/index.ts";
import { sandboxModels } from "../providers/sandbox/index.ts";
import { installedCatalog } from "./catalog.node.ts";
import { type Config, readConfig } from "./config.ts";
import { type FileConfig, readConfigFile, readRegistry } from "./config-file.node.ts";
import { databaseLocation } from "./store/location.ts";
import { connectionsOfMachine } from "./vault/credentials.node.ts";
import { type Connection, describedProviders } from "./vault/credentials.ts";
import { referencesOfMachine } from "./vault/references/machine.node.ts";
import { openReferences, type References } from "./vault/references/open.ts";
import { durationOf } from "./vault/references/reference.ts";

export interface Installed {
  /** The environment's, with the file's defaults beneath. */
  readonly config: Config;
  readonly file: FileConfig;
  /** The rows of the catalogue, without what is declared over them. */
  readonly rows: readonly ModelFacts[];
  /** Those of the environment and of the configuration file. */
  readonly configured: ReadonlyMap<string, Connection>;
  /** Those that there are, called or not. */
  readonly providers: readonly Provider[];
  /** The secrets that stand elsewhere. None is read before they are begun. */
  readonly references: References;
  /** Of the registry, and those that the configuration file and the environment describe. */
  readonly providerIds: ReadonlySet<string>;
}

/**
 * Reads it all, and opens nothing.
 * @throws ConfigError when a setting, the configuration file or the catalogue beside the database can't be used.
 */
export function readInstalled(env: Readonly<Record<string, string | undefined>>): Installed {
  const settings = readConfig(env);
  const { folder } = databaseLocation(settings.databaseUrl);
  const machine = readRegistry(settings.configFile, { registry: providers, env });
  const maxAgeMs = settings.referencesMaxAge === null ? null : durationOf(settings.referencesMaxAge);
  const references = openReferences(referencesOfMachine(env, { maxAgeMs }));
  const configured = connectionsOfMachine(machine.registry, machine.env, {
    sandbox: settings.sandbox,
    sourceOf: references.sourceOf,
  });
  const registry = [...machine.registry, ...describedProviders(machine.registry, machine.env)];
  const providerIds = new Set(registry.map(({ id }) => id));
  const rows = [...installedCatalog(folder).rows, ...sandboxModels];
  const file = readConfigFile(settings.configFile, {
    providers: providerIds,
    models: new Set(rows.map(({ id }) => id)),
    catalogWith: (models) => createCatalog(withDeclarations(rows, models)),
  });
  return {
    config: readConfig(env, file.defaults),
    file,
    rows,
    configured,
    providers: registry,
    references,
    providerIds,
  };
}
