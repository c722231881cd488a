// `turnpike doctor`: what works and what does not, without showing a secret.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { providers } from "../../providers/index.ts";
import { type Config, readConfig, unknownSettings } from "../config.ts";
import { readRegistry } from "../config-file.node.ts";
import { readInstalled } from "../installed.node.ts";
import { databaseLocation } from "../store/location.ts";
import { lockForServing } from "../store/lock.ts";
import { connectionsOfMachine } from "../vault/credentials.node.ts";
import type { Connection } from "../vault/credentials.ts";
import { readReferences } from "./doctor-references.ts";
import { withInstallation } from "./installation.ts";
import { type Io, printJson } from "./io.ts";
import { table } from "./table.ts";

export interface Finding {
  readonly check: string;
  /** `warning`: it works, and the operator may want it otherwise. */
  readonly result: "ok" | "warning" | "failed";
  readonly detail: string;
}

type Seen = Omit<Finding, "check">;

const ok = (detail: string): Seen => ({ result: "ok", detail });
const warning = (detail: string): Seen => ({ result: "warning", detail });
const failed = (detail: string): Seen => ({ result: "failed", detail });

/** Prints what it finds; resolves to false when anything failed. */
export async function doctorCommand(io: Io, options: { readonly json?: true }): Promise<boolean> {
  const findings = await examine(io);
  const healthy = findings.every((finding) => finding.result !== "failed");
  if (options.json) printJson(io, { object: "diagnosis", healthy, data: findings });
  else io.out(table(["check", "result", "detail"], findings));
  return healthy;
}

async function examine(io: Io): Promise<readonly Finding[]> {
  let config: Config;
  try {
    config = readConfig(io.env);
  } catch (error) {
    return [{ check: "settings", ...failed(messageOf(error)) }];
  }
  const file = { check: "configuration", ...(await looked(() => configuration(io, config))) };
  const checks: readonly (readonly [string, () => Seen | Promise<Seen>])[] = [
    ["node", () => ok(process.version)],
    ["database", () => database(io, config)],
    ["master key", () => masterKey(config)],
    ["address", () => address(config)],
  ];
  // Without its file nobody knows what else there is.
  const further: typeof checks = [
    ["providers", () => reachable(io, config)],
    ["references", () => references(io, config)],
    ["sandbox", () => sandbox(io, config)],
  ];
  const findings: Finding[] = [{ check: "settings", ...settings(io) }, file];
  for (const [check, look] of [...checks, ...(file.result === "failed" ? [] : further)]) {
    findings.push({ check, ...(await looked(look)) });
  }
  return findings;
}

/** What is misspelt would be no setting at all. */
function settings({ env }: Io): Seen {
  const unknown = unknownSettings(env);
  return unknown.length === 0 ? ok("can be used") : warning(`not known, and read by nobody: ${unknown.join(", ")}`);
}

/** As a start reads it. */
function configuration(io: Io, { configFile }: Config): Seen {
  readInstalled(io.env).references.close();
  const path = resolve(configFile ?? "turnpike.yaml");
  return ok(existsSync(path) ? path : "no turnpike.yaml here");
}

/** A check that throws has failed. */
async function looked(look: () => Seen | Promise<Seen>): Promise<Seen> {
  try {
    return await look();
  } catch (error) {
    return failed(messageOf(error));
  }
}

async function database(io: Io, config: Config): Promise<Seen> {
  const { path } = databaseLocation(config.databaseUrl);
  if (path === ":memory:") return warning("in memory: keys and usage are gone when the gateway stops");
  if (!existsSync(path)) return warning(`none at ${path} yet; the first start makes it`);
  return withInstallation(io, async ({ store }) => {
    await store.ping();
    const known = (await store.admins.count()) > 0 ? "" : "; no administrator yet: the first start makes one";
    return ok(`${path}${known}`);
  });
}

function masterKey(config: Config): Seen {
  if (config.masterKey !== null) return ok("from TURNPIKE_MASTER_KEY");
  const { folder } = databaseLocation(config.databaseUrl);
  if (folder === null) return warning("none is kept: it lives as long as the process");
  const path = `${folder}/master.key`;
  return existsSync(path) ? ok(`from ${path}`) : ok(`none yet; the first start makes ${path}`);
}

/** Free, or taken by the gateway that serves from this database. */
async function address(config: Config): Promise<Seen> {
  const shown = `${config.host}:${config.port}`;
  if (isServing(config)) return ok("a gateway is running on this database");
  const probe = createServer();
  try {
    await once(probe.listen(config.port, config.host), "listening");
    return ok(`${shown} is free`);
  } catch (error) {
    return failed(`${shown} can't be listened at: ${messageOf(error)}`);
  } finally {
    probe.close();
  }
}

function isServing(config: Config): boolean {
  const { path } = databaseLocation(config.databaseUrl);
  if (!existsSync(path)) return false;
  try {
    lockForServing(path)();
    return false;
  } catch {
    return true;
  }
}

async function reachable(io: Io, config: Config): Promise<Seen> {
  const configured = connections(io, config).filter((one) => one.provider.local === null);
  const known = new Set([...configured.map(({ provider }) => provider.id), ...(await stored(io, config)).providers]);
  if (known.size > 0) return ok(`keys for ${[...known].join(", ")}`);
  const [first = "", second = ""] = providers.flatMap((provider) => provider.env.slice(0, 1));
  return warning(`no provider has a key; set ${first}, ${second}, or another (docs/providers.md)`);
}

async function references(io: Io, config: Config): Promise<Seen> {
  const states = await readReferences(io.env, (await stored(io, config)).references);
  const unread = states.filter(({ status }) => status !== "fresh");
  const told = unread.map(({ reference, lastError }) => `${reference} can't be read: ${lastError?.message ?? ""}`);
  if (unread.length > 0) return failed(told.join(" "));
  return ok(states.length === 0 ? "none" : `${states.length} can be read`);
}

async function sandbox(io: Io, config: Config): Promise<Seen> {
  const ended = config.sandbox === "auto" && (await stored(io, config)).providers.length > 0;
  const on = !ended && connections(io, config).some((one) => one.provider.local);
  return ok(on ? "on" : `off (TURNPIKE_SANDBOX is ${config.sandbox})`);
}

/** What credentials of the installation that are stored (docs/credentials.md) are for, and where those stand that are not here. */
async function stored(io: Io, config: Config): Promise<Record<"providers" | "references", readonly string[]>> {
  if (!existsSync(databaseLocation(config.databaseUrl).path)) return { providers: [], references: [] };
  return withInstallation(io, async ({ store: { credentials } }) => {
    const own = (await credentials.list()).filter(({ enabled, customer }) => enabled && customer === null);
    const versions = await credentials.versions();
    const inForce = own.flatMap(({ id, version }) =>
      versions.filter((one) => one.credentialId === id && one.version === version),
    );
    return {
      providers: own.map(({ provider }) => provider),
      references: inForce.flatMap(({ reference }) => reference ?? []),
    };
  });
}

function connections(io: Io, config: Config): readonly Connection[] {
  const { registry, env } = readRegistry(config.configFile, { registry: providers, env: io.env });
  return [...connectionsOfMachine(registry, env, config).values()];
}

/** In one line, as a table has it. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ");
}
