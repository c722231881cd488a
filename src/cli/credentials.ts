// `turnpike credentials`: the same operations as /admin/v1/credentials, on the database itself. A running gateway notices within seconds.
import {
  addCredential,
  type CredentialChanges,
  found,
  removeCredential,
  rotateCredential,
  updateCredential,
} from "../admin/credential-changes.ts";
import { credentialPatch, credentialRequest, credentialRotation } from "../admin/credential-request.ts";
import { testCredential } from "../admin/credential-test.ts";
import { type CredentialView, configuredView, credentialView, versionView } from "../admin/credential-view.ts";
import { type Connecting, connect } from "../connecting.ts";
import { undiciTransport } from "../gateway/transport.undici.ts";
import { type Installed, readInstalled } from "../installed.node.ts";
import { workerLog } from "../observe/log.worker.ts";
import { createLiveCatalog } from "../router/live-catalog.ts";
import { Router } from "../router/router.ts";
import type { CredentialRecord } from "../store/port-credentials.ts";
import { onMachine } from "../vault/credentials.node.ts";
import { Secret } from "../vault/secret.ts";
import { type Installation, withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked, metadataOf, readOverlap } from "./keys.ts";
import { readSecret } from "./secret-input.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

/** What the options of `add` and `update` share. */
export interface SaidOptions extends Json {
  readonly name?: string;
  readonly weight?: string;
  readonly priority?: string;
  readonly models?: readonly string[];
  readonly requestsPerMinute?: string;
  readonly tokensPerMinute?: string;
  readonly concurrency?: string;
  readonly baseUrl?: string;
  readonly variable?: readonly string[];
  readonly label?: readonly string[];
  readonly feePercent?: string;
  readonly fallback?: boolean;
  readonly enabled?: boolean;
  readonly expiresAt?: string;
}

export interface ValueOptions {
  /** Standard input is a JSON object of variables. */
  readonly values?: true;
  /** Where the value stands instead. */
  readonly reference?: string;
}

export async function addCommand(
  io: Io,
  provider: string,
  options: SaidOptions & ValueOptions & { readonly customer?: string },
): Promise<void> {
  const value = await valueFrom(io, options);
  const { customer, json } = options;
  const request = checked(credentialRequest, {
    provider,
    name: provider,
    ...said(options),
    ...value,
    ...(customer !== undefined && { customer }),
  });
  await withCredentials(io, async (vault) => {
    const view = await vault.view(await addCredential(request, vault.changes));
    if (json) return printJson(io, view);
    io.out(`Added ${view.id} for ${view.provider}. Check it: turnpike credentials test ${view.id}\n`);
  });
}

export async function listCommand(io: Io, { json }: Json): Promise<void> {
  await withCredentials(io, async (vault) => {
    const configured = [...vault.live.configured.values()].filter((one) => one.provider.local === null);
    // What stands elsewhere is read, so that each is shown as it would be in a gateway.
    await Promise.all(configured.map(async ({ source }) => source?.waiting?.() && source.renew(new Secret(""))));
    const data = [
      ...configured.map((one) => configuredView(one, vault.viewing())),
      ...(await Promise.all((await vault.changes.store.list()).map(vault.view))),
    ];
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    io.out(table(["id", "provider", "name", "source", "customer", "status", "hint", "version"], data));
  });
}

export async function showCommand(io: Io, id: string, { json }: Json): Promise<void> {
  await withCredentials(io, async (vault) => {
    const view = await vault.view(found(await vault.changes.store.get(id)));
    const versions = (await vault.changes.store.versions(id)).map(versionView);
    if (json) return printJson(io, { ...view, versions });
    const { limits, variables, labels, models, last_test, ...flat } = view;
    const rest = { models: models?.join(" ") ?? "all", last_test: last_test?.result ?? null };
    const groups = { limits, variables, labels };
    const rows = Object.entries({ ...flat, ...rest, ...groups }).map(([member, value]) => ({
      member: member.replaceAll("_", " "),
      value: typeof value === "object" && value !== null ? JSON.stringify(value) : value,
    }));
    io.out(table(["member", "value"], rows));
    io.out(`\n${table(["version", "state", "hint", "created_at", "retires_at"], versions)}`);
  });
}

export async function updateCommand(io: Io, id: string, options: SaidOptions): Promise<void> {
  const patch = checked(credentialPatch, said(options));
  await withCredentials(io, async (vault) => {
    const view = await vault.view(await updateCredential(id, patch, vault.changes));
    if (options.json) return printJson(io, view);
    io.out(`Changed ${id}.\n`);
  });
}

export async function rotateCommand(
  io: Io,
  id: string,
  options: ValueOptions & Json & { readonly overlapHours: string },
): Promise<void> {
  const overlap_hours = readOverlap(options.overlapHours);
  const rotation = checked(credentialRotation, { ...(await valueFrom(io, options)), overlap_hours });
  await withCredentials(io, async (vault) => {
    const view = await vault.view(await rotateCredential(id, rotation, vault.changes));
    if (options.json) return printJson(io, view);
    io.out(`${id} has version ${view.version}. The former value is destroyed after ${rotation.overlap_hours} hours.\n`);
  });
}

/** False when the provider does not take it. */
export async function testCommand(
  io: Io,
  id: string,
  { model, json }: Json & { readonly model?: string },
): Promise<boolean> {
  return withCredentials(io, async (vault) => {
    await vault.installed.references.begin({ ...quiet, strict: false });
    const configured = vault.live.configured.get(id);
    const record = configured === undefined ? found(await vault.changes.store.get(id)) : null;
    const connection = record === null ? configured : await vault.live.connectionOf(record);
    if (connection === undefined || typeof connection === "string") {
      throw new CommandError(`This credential can't be used: ${connection}.`);
    }
    const { rows, file } = vault.installed;
    const result = await testCredential(connection, model ?? null, {
      catalog: createLiveCatalog(rows, file.models).current(),
      clock: vault.clock,
      openTransport: () => undiciTransport({ connectTimeoutMs: vault.config.connectTimeoutMs }),
    });
    if (record !== null) await vault.changes.store.tested(id, { result: result.result, atMs: vault.clock.now() });
    if (json) printJson(io, result);
    else io.out(`${result.ok ? "ok" : "failed"}: ${result.message}\n`);
    return result.ok;
  });
}

export async function removeCommand(io: Io, id: string, { json }: Json): Promise<void> {
  await withCredentials(io, async (vault) => {
    await removeCredential(id, vault.changes);
    if (json) return printJson(io, { id, object: "credential", deleted: true });
    io.out(`Removed ${id}; its values are overwritten.\n`);
  });
}

interface Credentials extends Installation {
  readonly installed: Installed;
  readonly live: Connecting;
  readonly changes: CredentialChanges;
  viewing(): Parameters<typeof configuredView>[1];
  readonly view: (record: CredentialRecord) => Promise<CredentialView>;
}

/** What a command has to tell, it tells itself. */
const quiet = {
  log: workerLog("silent"),
  alerts: { raise: () => {}, resolve: () => {}, flush: async () => {} },
};

/** Lends what changes of credentials need: this installation's vault, and the providers that it knows. */
async function withCredentials<T>(io: Io, use: (vault: Credentials) => Promise<T>): Promise<T> {
  const installed = readInstalled(io.env);
  const { configured, providers, references } = installed;
  try {
    return await withInstallation(io, async (installation) => {
      const { store, keyring, clock, config } = installation;
      const router = new Router({ clock });
      const live = await connect({
        ...{ configured, providers, keyring, store, router, clock, env: io.env, sandbox: config.sandbox },
        ...quiet,
        sourceOf: references.sourceOf,
        lend: onMachine,
      });
      const viewing = () => ({ connections: live.current(), measures: router.measures, keyring, nowMs: clock.now() });
      return use({
        ...installation,
        installed,
        live,
        changes: {
          store: store.credentials,
          keyring,
          providers: new Map(providers.map((provider) => [provider.id, provider])),
          env: io.env,
          clock,
          refresh: () => live.refresh(),
        },
        viewing,
        view: async (record) => credentialView(record, (await store.credentials.versions(record.id))[0], viewing()),
      });
    });
  } finally {
    references.close();
  }
}

async function valueFrom(io: Io, { values, reference }: ValueOptions): Promise<Record<string, unknown>> {
  if (reference !== undefined) return { reference };
  const text = await readSecret(io, values ? "the variables, as a JSON object" : "the key");
  if (!values) return { value: text };
  try {
    return { values: JSON.parse(text) as unknown };
  } catch {
    // What was given is a secret: nothing of it is told.
    throw new CommandError("--values takes a JSON object of the provider's variables on standard input.");
  }
}

function said(options: SaidOptions): Record<string, unknown> {
  const { name, weight, priority, models, baseUrl, variable, label, feePercent, fallback, enabled, expiresAt } =
    options;
  const { requestsPerMinute, tokensPerMinute, concurrency } = options;
  const limits = {
    ...(requestsPerMinute !== undefined && { requests_per_minute: Number(requestsPerMinute) }),
    ...(tokensPerMinute !== undefined && { tokens_per_minute: Number(tokensPerMinute) }),
    ...(concurrency !== undefined && { concurrency: Number(concurrency) }),
  };
  return {
    ...(name !== undefined && { name }),
    ...(weight !== undefined && { weight: Number(weight) }),
    ...(priority !== undefined && { priority: Number(priority) }),
    ...(models !== undefined && { models: models.length === 1 && models[0] === "all" ? null : models }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(baseUrl !== undefined && { base_url: baseUrl }),
    ...(variable !== undefined && { variables: metadataOf(variable) }),
    ...(label !== undefined && { labels: metadataOf(label) }),
    ...(feePercent !== undefined && { fee_percent: feePercent }),
    ...(fallback !== undefined && { fallback }),
    ...(enabled !== undefined && { enabled }),
    ...(expiresAt !== undefined && { expires_at: expiresAt === "never" ? null : expiresAt }),
  };
}
