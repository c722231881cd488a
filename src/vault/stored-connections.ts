// Stored credentials as connections: opened when they are first seen, kept in memory while they are in force, and no longer.
import type { Environment, Provider } from "../../providers/define.ts";
import type { CredentialRecord, CredentialStore, CredentialVersion } from "../store/port-credentials.ts";
import { type Form, formOf } from "./credential-form.ts";
import { type Connection, connectionWith } from "./credentials.ts";
import { aboutVersion } from "./envelope.ts";
import { type Keyring, UnknownKek } from "./keyring.ts";
import type { ConnectionSource } from "./live-connections.ts";
import { Secret } from "./secret.ts";
import { fixedSecret, type SecretSource } from "./source.ts";
import type { Terms } from "./terms.ts";
import { type UsableVersion, versionedSecret } from "./versions.ts";

export interface StoredConnectionsOptions {
  readonly store: CredentialStore;
  readonly keyring: Keyring;
  /** The providers that there are, by id. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly env: Environment;
  /** Where a value comes from that stands elsewhere; null for a text that is no reference. It may be closed when nobody uses it. */
  sourceOf(text: string): (SecretSource & { readonly close?: () => void }) | null;
  /** What holds for a credential; the same room for the same limits. */
  termsOf(record: CredentialRecord): Terms;
  /** Another form of a provider, for the installation's credentials alone: one that may read this machine's files. */
  lend?(provider: Provider): Provider;
  now(): number;
  /** Resolves when a value that stands elsewhere is waited for no longer; calls fail over meanwhile. */
  patience(): Promise<unknown>;
  onRead(seen: Seen): void;
  /** Another version than before is in force. */
  onRotated(record: CredentialRecord): void;
  /** A version is refused by the provider, and calls go on with another one; null for none. */
  onRefused(record: CredentialRecord, version: number, next: number | null): void;
}

/** What a read has found, by ids of credentials. */
export interface Seen {
  /** Those that are left out, and why; nothing of a value is in it. */
  readonly unusable: ReadonlyMap<string, string>;
  /** Those with a former version that may still be used. */
  readonly overlapping: ReadonlySet<string>;
}

/** A version that was opened. */
interface Opened {
  readonly form: Form;
  readonly source: SecretSource & { readonly close?: () => void };
}

interface Kept {
  readonly versions: ReadonlyMap<string, Opened>;
  /** The one in force. */
  readonly version: number;
  readonly connection: Connection;
  /** What it was made of, to tell whether it is the same still. */
  readonly from: string;
}

/** What a value is asked for in place of when there is none yet. */
const nothing = new Secret("");

export interface StoredConnections extends ConnectionSource {
  /** One of them as calls would use it, whether or not it is in force; else why it can't be used. */
  connectionOf(record: CredentialRecord): Promise<Connection | string>;
}

export function storedConnections(options: StoredConnectionsOptions): StoredConnections {
  const { store } = options;
  let kept = new Map<string, Kept>();

  async function read(nowMs: number): ReturnType<ConnectionSource["read"]> {
    await store.destroyRetired(nowMs);
    const versions = Map.groupBy(await store.versions(), ({ credentialId }) => credentialId);
    const changes: number[] = [];
    const next = new Map<string, Kept>();
    const unusable = new Map<string, string>();
    const overlapping = new Set<string>();
    for (const record of await store.list()) {
      if (!record.enabled || (record.expiresAtMs !== null && record.expiresAtMs <= nowMs)) continue;
      if (record.expiresAtMs !== null) changes.push(record.expiresAtMs);
      const usable = (versions.get(record.id) ?? []).filter((version) => isUsable(version, nowMs));
      for (const { retiresAtMs } of usable) if (retiresAtMs !== null) changes.push(retiresAtMs);
      const one = await keep(record, usable);
      if (typeof one === "string") unusable.set(record.id, one);
      else next.set(record.id, one);
      if (usable.length > 1) overlapping.add(record.id);
    }
    const used = new Set([...next.values()].flatMap((one) => [...one.versions.values()]));
    for (const { versions: opened } of kept.values()) {
      for (const one of opened.values()) if (!used.has(one)) one.source.close?.();
    }
    kept = next;
    options.onRead({ unusable, overlapping });
    const nextMs = changes.length === 0 ? null : Math.min(...changes);
    return { connections: [...next.values()].map(({ connection }) => connection), nextMs };
  }

  /** The connection of a credential: the one that there was, if nothing of it has changed. Else why there is none. */
  async function keep(record: CredentialRecord, versions: readonly CredentialVersion[]): Promise<Kept | string> {
    const from = JSON.stringify([
      { ...record, lastTest: null },
      versions.map(({ version, retiresAtMs, reference }) => [version, retiresAtMs, reference]),
    ]);
    const before = kept.get(record.id);
    if (before?.from === from) return before;
    const opened = new Map<string, Opened>();
    const usable: UsableVersion[] = [];
    let newest: Form | null = null;
    for (const version of versions) {
      const place = JSON.stringify([
        version.version,
        version.reference,
        record.provider,
        record.baseUrl,
        record.variables,
      ]);
      const one = before?.versions.get(place) ?? (await open(record, version));
      if (typeof one === "string") return one;
      opened.set(place, one);
      newest ??= one.form;
      usable.push({ version: version.version, source: one.source, untilMs: version.retiresAtMs });
    }
    if (newest === null) return "it has no version in force";
    const source = versionedSecret(usable, {
      now: options.now,
      onRefused: (refused, next) => options.onRefused(record, refused, next),
    });
    if (before !== undefined && before.version !== record.version) options.onRotated(record);
    const { baseUrl } = newest;
    const provider = record.customer === null ? (options.lend?.(newest.provider) ?? newest.provider) : newest.provider;
    const connection = connectionWith({ id: record.id, provider, source, baseUrl, terms: options.termsOf(record) });
    return { versions: opened, version: record.version, connection, from };
  }

  async function open(record: CredentialRecord, version: CredentialVersion): Promise<Opened | string> {
    const known = options.providers.get(record.provider);
    if (known === undefined) return `there is no provider ${record.provider} here any more`;
    const text = version.reference ?? (await openValue(version, options.keyring));
    if (text === null) return "its value can't be decrypted: the database was changed, or is another installation's";
    const { baseUrl, variables } = record;
    const form = formOf(known, text, {
      baseUrl,
      variables,
      env: options.env,
      reference: version.reference !== null,
    });
    if (typeof form === "string") return form;
    if (version.reference === null) return { form, source: fixedSecret(new Secret(form.secret)) };
    const source = options.sourceOf(form.secret);
    if (source === null) return "its reference is none that can be read here";
    // Calls that came before its first value would fail.
    await Promise.race([source.renew(nothing), options.patience()]);
    return { form, source };
  }

  return {
    read,
    epoch: () => store.epoch(),
    async connectionOf(record) {
      const known = kept.get(record.id);
      if (known !== undefined) return known.connection;
      const versions = (await store.versions(record.id)).filter((version) => isUsable(version, options.now()));
      // What is opened for a moment would have to be closed again.
      if (versions.some(({ reference }) => reference !== null))
        return "a reference is read for credentials in force alone";
      const one = await keep(record, versions);
      return typeof one === "string" ? one : one.connection;
    },
  };
}

/** In force, or still overlapping with the one that is. */
function isUsable({ retiresAtMs, destroyedAtMs }: CredentialVersion, nowMs: number): boolean {
  return destroyedAtMs === null && (retiresAtMs === null || retiresAtMs > nowMs);
}

/** The value of a sealed version; null when it does not open. A key that another process has made is looked for once. */
export async function openValue(
  { credentialId, version, envelope }: CredentialVersion,
  keyring: Keyring,
): Promise<string | null> {
  if (envelope === null) return null;
  const open = (): string => {
    const bytes = keyring.open(envelope, aboutVersion(credentialId, version));
    try {
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    } finally {
      bytes.fill(0);
    }
  };
  try {
    return open();
  } catch (error) {
    if (!(error instanceof UnknownKek)) return null;
  }
  try {
    await keyring.refresh();
    return open();
  } catch {
    return null;
  }
}
