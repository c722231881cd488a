// `turnpike keys`: the same operations as /admin/v1/keys, on the database itself.
import { z } from "@hono/zod-openapi";
import { validationError } from "../admin/errors.ts";
import { keyQuery, toKeyQuery } from "../admin/key-query.ts";
import { checkName, withTemplate } from "../admin/key-rules.ts";
import { keyView } from "../admin/key-view.ts";
import { keyRequest, toKeyRequest } from "../admin/keys.ts";
import { overlapHours } from "../admin/overlap.ts";
import { readInstalled } from "../installed.node.ts";
import { generateAdminKey, parseKey } from "../keys/format.ts";
import { issueKey } from "../keys/issue.ts";
import { revokeKey } from "../keys/revoke.ts";
import { withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { table } from "./table.ts";

export interface CreateOptions {
  readonly name: string;
  readonly customer: string;
  readonly project: string;
  readonly environment: string;
  readonly expiresAt?: string;
  readonly metadata?: readonly string[];
  readonly policy?: string;
  readonly template?: string;
  readonly rotateEvery?: string;
  readonly idleDays?: string;
  readonly json?: true;
}

export async function createCommand(io: Io, options: CreateOptions): Promise<void> {
  const request = checked(keyRequest, {
    name: options.name,
    customer: options.customer,
    project: options.project,
    environment: options.environment,
    expires_at: options.expiresAt,
    metadata: metadataOf(options.metadata ?? []),
    ...(options.policy !== undefined && { policy: parseJson("--policy", options.policy) }),
    ...(options.template !== undefined && { template: options.template }),
    ...(options.rotateEvery !== undefined && { rotation: { every_days: Number(options.rotateEvery) } }),
    ...(options.idleDays !== undefined && { idle_days: Number(options.idleDays) }),
  });
  checkName(request.name, readInstalled(io.env).config.keyNames);
  await withInstallation(io, async ({ store: { keys, templates }, digest, clock }) => {
    const { template, ...asked } = request;
    const policy = await withTemplate(templates, template, asked.policy);
    const { key, secret } = await issueKey({ keys, digest, clock }, toKeyRequest({ ...asked, policy }, clock.now()));
    if (options.json) return printJson(io, { ...keyView(key), key: secret });
    io.out(`${secret}\n`);
    io.err(`Made ${key.id} for ${key.customer}/${key.project}. The key above is shown this once: keep it.\n`);
  });
}

export interface ListOptions {
  readonly customer?: string;
  readonly project?: string;
  readonly status?: string;
  readonly environment?: string;
  readonly search?: string;
  readonly metadata?: readonly string[];
  readonly rotation?: string;
  readonly unusedDays?: string;
  readonly expiresWithinDays?: string;
  readonly limit: string;
  readonly cursor?: string;
  readonly json?: true;
}

export async function listCommand(
  io: Io,
  { json, search: q, metadata = [], unusedDays, expiresWithinDays, ...options }: ListOptions,
): Promise<void> {
  const query = checked(keyQuery, {
    ...options,
    ...(q !== undefined && { q }),
    ...(unusedDays !== undefined && { unused_days: unusedDays }),
    ...(expiresWithinDays !== undefined && { expires_within_days: expiresWithinDays }),
    ...Object.fromEntries(metadata.map(pair).map(([name, value]) => [`metadata.${name}`, value])),
  });
  await withInstallation(io, async ({ store: { keys }, clock }) => {
    const page = await keys.list(toKeyQuery(query, clock.now()));
    const data = page.data.map(keyView);
    const has_more = page.nextCursor !== null;
    if (json) return printJson(io, { object: "list", data, has_more, next_cursor: page.nextCursor });
    io.out(table(["id", "name", "customer", "project", "status", "hint", "created_at", "last_used_at"], data));
    if (has_more) io.err(`There are more: --cursor ${page.nextCursor}\n`);
  });
}

export async function revokeCommand(io: Io, id: string, options: { readonly json?: true }): Promise<void> {
  checkId(id);
  await withInstallation(io, async ({ store: { keys }, clock }) => {
    const key = await revokeKey({ keys, clock, onChange: () => {} }, id);
    if (key === null) throw new CommandError(`There is no key ${id.slice(0, 100)}.`);
    if (options.json) return printJson(io, keyView(key));
    io.out(`Revoked ${key.id} (${key.name} of ${key.customer}/${key.project}).\n`);
  });
}

export function adminCommand(io: Io): void {
  io.out(`${generateAdminKey()}\n`);
}

/** Input that fits its schema, or a message that names what does not. */
export function checked<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (!result.success) throw validationError(result.error);
  return result.data;
}

/** `key=value`s as metadata. */
export function metadataOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map(pair));
}

/** The hours of `--overlap-hours`. */
export function readOverlap(text: string): number {
  const given = { "--overlap-hours": text.trim() === "" ? Number.NaN : Number(text) };
  return checked(z.object({ "--overlap-hours": overlapHours }), given)["--overlap-hours"];
}

/** The JSON of an option. */
export function parseJson(option: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${option} takes JSON.`);
  }
}

/** @throws CommandError for a secret, which shells keep in their history: ids are no secrets. */
export function checkId(id: string): void {
  if (parseKey(id) === null) return;
  throw new CommandError("Give the key's id (key_…), not the key itself: see `turnpike keys list`.");
}

function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new CommandError("--metadata takes key=value.");
  return [text.slice(0, at), text.slice(at + 1)];
}
