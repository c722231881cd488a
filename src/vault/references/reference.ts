// A reference: where a secret stands, written as one line of text that holds no secret itself.
import { ConfigError } from "../../config.ts";

export const schemes = ["env", "file", "vault", "aws-sm", "aws-ssm", "azure-kv", "gcp-sm"] as const;
export type Scheme = (typeof schemes)[number];

/** `scheme:address#field@version?option=value&…`, taken apart. All but the address is optional. */
export interface Reference {
  /** As it was written. */
  readonly text: string;
  readonly scheme: Scheme;
  readonly address: string;
  /** The member of a JSON secret; null for the whole. */
  readonly field: string | null;
  /** What the manager calls a version: a number, a stage, an id. Null for the newest. */
  readonly version: string | null;
  /** How old a value gets before it is read anew, milliseconds; null for the manager's default. */
  readonly ttlMs: number | null;
  /** How old a value gets before it is used no more although no newer one can be had, milliseconds; null for any age. */
  readonly maxAgeMs: number | null;
  /** The options of its own manager. */
  readonly options: Readonly<Record<string, string>>;
}

const common = ["ttl", "max_age", "version"];
/**
 * The options that a scheme knows beside the common ones, and what its addresses look like. Our own variables are none: the master
 * key must not be sent to a provider.
 */
const known: Readonly<Record<Scheme, { readonly options: readonly string[]; readonly address: RegExp; like: string }>> =
  {
    env: { options: [], address: /^(?!TURNPIKE_)[A-Za-z_][A-Za-z0-9_]*$/, like: "env:NAME" },
    file: { options: [], address: /^\/./, like: "file:/path" },
    vault: { options: ["namespace", "engine"], address: /^[^/\s]+(\/[^/\s]+)+$/, like: "vault:mount/path#field" },
    "aws-sm": { options: ["region", "role", "external_id"], address: /^[\w/+=.@:-]+$/, like: "aws-sm:name#field" },
    "aws-ssm": { options: ["region", "role", "external_id"], address: /^[\w/.:-]+$/, like: "aws-ssm:/path/name" },
    "azure-kv": { options: [], address: /^[\w.-]+\/[\w-]+(\/\w+)?$/, like: "azure-kv:vault/secret" },
    "gcp-sm": {
      options: [],
      address: /^projects\/[\w:.-]+(\/locations\/[\w-]+)?\/secrets\/[\w-]+(\/versions\/[\w-]+)?$/,
      like: "gcp-sm:projects/p/secrets/s/versions/latest",
    },
  };

const start = new RegExp(`^(${schemes.join("|")}):(?=.)`);
const optionsAtEnd = /\?([a-z_]+=[^&?]*(?:&[a-z_]+=[^&?]*)*)$/;

/** Whether a text is meant as a reference: it begins with a scheme. */
export function isReference(text: string): boolean {
  return start.test(text);
}

/** @throws ConfigError saying what is expected. */
export function parseReference(text: string): Reference {
  const scheme = start.exec(text)?.[1] as Scheme | undefined;
  if (scheme === undefined)
    throw new ConfigError(`expected a reference: ${schemes.map((name) => `${name}:…`).join(", ")}`);
  const { options: own, address: shape, like } = known[scheme];
  const query = optionsAtEnd.exec(text);
  const options = Object.fromEntries(new URLSearchParams(query?.[1] ?? ""));
  for (const name of Object.keys(options)) {
    if (![...common, ...own].includes(name))
      throw wrong(text, `has no option \`${name}\`; there are ${[...common, ...own].join(", ")}`);
  }
  const { ttl, max_age: maxAge, version, ...rest } = options;
  const place = text.slice(scheme.length + 1, query?.index);
  const hash = place.indexOf("#");
  const address = hash < 0 ? place : place.slice(0, hash);
  if (!shape.test(address) || address.includes("..")) throw wrong(text, `is not of the form ${like}`);
  const fragment = hash < 0 ? "" : place.slice(hash + 1);
  const at = fragment.lastIndexOf("@");
  const field = at < 0 ? fragment : fragment.slice(0, at);
  const pinned = at < 0 ? version : fragment.slice(at + 1);
  return {
    text,
    scheme,
    address,
    field: field === "" ? null : field,
    version: pinned === undefined || pinned === "" ? null : pinned,
    ttlMs: ttl === undefined ? null : duration(ttl, text),
    maxAgeMs: maxAge === undefined ? null : duration(maxAge, text),
    options: rest,
  };
}

/** What tells one secret of a manager from another; references that differ in the rest are read together. */
export function placeOf({ scheme, address, version, options }: Reference): string {
  return JSON.stringify([scheme, address, version, ...Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

const units: Readonly<Record<string, number>> = { "": 1_000, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `300s`, `5m`, `1h`, `1d`; null for anything else. */
export function durationOf(text: string): number | null {
  const [, count, unit = ""] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? Number.NaN);
  return ms > 0 ? ms : null;
}

function duration(text: string, reference: string): number {
  const ms = durationOf(text);
  if (ms === null) throw wrong(reference, "takes durations like 300s, 5m, 1h or 1d");
  return ms;
}

function wrong(reference: string, what: string): ConfigError {
  return new ConfigError(`${reference}: ${what}`);
}
