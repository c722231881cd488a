// `turnpike keys`: the same operations as /admin/v1/keys, on the database itself.
import type { z } from "@hono/zod-openapi";
import { validationError } from "../admin/errors.ts";
import { keyView } from "../admin/key-view.ts";
import { keyQuery, keyRequest, toKeyRequest } from "../admin/keys.ts";
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
  readonly json?: true;
}

export async function createCommand(io: Io, options: CreateOptions): Promise<void> {
  const request = checked(keyRequest, {
    name: options.name,
    customer: options.customer,
    project: options.project,
    environment: options.environment,
    expires_at: options.expiresAt,
    metadata: Object.fromEntries((options.metadata ?? []).map(pair)),
  });
  await withInstallation(io, async ({ store: { keys }, digest, clock }) => {
    const { key, secret } = await issueKey({ keys, digest, clock }, toKeyRequest(request, clock.now()));
    if (options.json) return printJson(io, { ...keyView(key), key: secret });
    io.out(`${secret}\n`);
    io.err(`Made ${key.id} for ${key.customer}/${key.project}. The key above is shown this once: keep it.\n`);
  });
}

export interface ListOptions {
  readonly customer?: string;
  readonly project?: string;
  readonly status?: string;
  readonly limit: string;
  readonly cursor?: string;
  readonly json?: true;
}

export async function listCommand(io: Io, { json, ...options }: ListOptions): Promise<void> {
  const { customer, project, status, limit, cursor } = checked(keyQuery, options);
  await withInstallation(io, async ({ store: { keys } }) => {
    const page = await keys.list({
      limit,
      ...(customer !== undefined && { customer }),
      ...(project !== undefined && { project }),
      ...(status !== undefined && { status }),
      ...(cursor !== undefined && { cursor }),
    });
    const data = page.data.map(keyView);
    const has_more = page.nextCursor !== null;
    if (json) return printJson(io, { object: "list", data, has_more, next_cursor: page.nextCursor });
    io.out(table(["id", "name", "customer", "project", "status", "hint", "created_at", "last_used_at"], data));
    if (has_more) io.err(`There are more: --cursor ${page.nextCursor}\n`);
  });
}

export async function revokeCommand(io: Io, id: string, options: { readonly json?: true }): Promise<void> {
  if (parseKey(id) !== null)
    throw new CommandError("Give the key's id (key_…), not the key itself: see `turnpike keys list`.");
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

function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new CommandError("--metadata takes key=value.");
  return [text.slice(0, at), text.slice(at + 1)];
}
