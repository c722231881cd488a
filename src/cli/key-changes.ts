// `turnpike keys update, rotate, end-overlap, secrets, suspend, resume, delete`: on the database itself. A running gateway notices.
import { changeKey, keyPatch, toKeyChanges } from "../admin/key-changes.ts";
import { secretsOf } from "../admin/key-rotation.ts";
import { checkName } from "../admin/key-rules.ts";
import { keyView } from "../admin/key-view.ts";
import { readInstalled } from "../installed.node.ts";
import { endOverlap, rotateKey } from "../keys/rotate.ts";
import type { KeyRecord } from "../store/port.ts";
import { type Installation, withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked, checkId, metadataOf, parseJson, readOverlap } from "./keys.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

/** This process remembers no keys; others notice changes themselves. */
const onChange = () => {};

export interface UpdateOptions extends Json {
  readonly name?: string;
  readonly expiresAt?: string;
  readonly metadata?: readonly string[];
  readonly policy?: string;
  readonly rotateEvery?: string;
  readonly idleDays?: string;
}

export async function updateCommand(io: Io, id: string, options: UpdateOptions): Promise<void> {
  const { name, expiresAt, metadata, policy, rotateEvery, idleDays } = options;
  const patch = checked(keyPatch, {
    ...(name !== undefined && { name }),
    ...(expiresAt !== undefined && { expires_at: orNever(expiresAt, (text) => text) }),
    ...(metadata !== undefined && { metadata: metadataOf(metadata) }),
    ...(policy !== undefined && { policy: parseJson("--policy", policy) }),
    ...(rotateEvery !== undefined && { rotation: orNever(rotateEvery, (days) => ({ every_days: Number(days) })) }),
    ...(idleDays !== undefined && { idle_days: orNever(idleDays, Number) }),
  });
  if (patch.name !== undefined) checkName(patch.name, readInstalled(io.env).config.keyNames);
  await withKey(io, id, async ({ store: { keys }, clock }) => {
    const key = await changeKey({ keys, onChange }, id, toKeyChanges(patch, clock.now()));
    told(io, options, "Changed", key);
  });
}

export async function rotateCommand(io: Io, id: string, options: Json & { overlapHours?: string }): Promise<void> {
  const overlapHours = options.overlapHours === undefined ? null : readOverlap(options.overlapHours);
  await withKey(io, id, async ({ store: { keys }, digest, clock }) => {
    const rotated = await rotateKey({ keys, digest, clock, onChange }, id, overlapHours);
    if (rotated === null) throw new CommandError(`${id} is revoked, for good. Make another key.`);
    const { key, secret } = rotated;
    if (options.json) return printJson(io, { ...keyView(key), key: secret });
    io.out(`${secret}\n`);
    const [, old] = await secretsOf(keys, id);
    io.err(
      `Rotated ${described(key)}. The key above is shown this once; the old one works until ${old?.expires_at}.\n`,
    );
  });
}

export async function endOverlapCommand(io: Io, id: string, options: Json): Promise<void> {
  await withKey(io, id, async ({ store: { keys }, clock }, key) => {
    told(io, options, "Ended the overlap of", (await endOverlap({ keys, clock, onChange }, id)) ?? key);
  });
}

export async function secretsCommand(io: Io, id: string, { json }: Json): Promise<void> {
  await withKey(io, id, async ({ store: { keys } }) => {
    const data = await secretsOf(keys, id);
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    io.out(table(["hint", "current", "created_at", "expires_at", "last_used_at"], data));
  });
}

export async function suspendCommand(io: Io, id: string, options: Json): Promise<void> {
  await withKey(io, id, async ({ store: { keys } }) =>
    told(io, options, "Suspended", await changeKey({ keys, onChange }, id, { status: "suspended" })),
  );
}

export async function resumeCommand(io: Io, id: string, options: Json): Promise<void> {
  await withKey(io, id, async ({ store: { keys } }) =>
    told(io, options, "Resumed", await changeKey({ keys, onChange }, id, { status: "active" })),
  );
}

export async function deleteCommand(io: Io, id: string, { json }: Json): Promise<void> {
  await withKey(io, id, async ({ store: { keys } }, key) => {
    await keys.remove(id);
    if (json) return printJson(io, { id, object: "key", deleted: true });
    io.out(`Removed ${described(key)}.\n`);
  });
}

async function withKey(
  io: Io,
  id: string,
  use: (installation: Installation, key: KeyRecord) => Promise<void>,
): Promise<void> {
  checkId(id);
  await withInstallation(io, async (installation) => {
    const key = await installation.store.keys.get(id);
    if (key === null) throw new CommandError(`There is no key ${id.slice(0, 100)}.`);
    await use(installation, key);
  });
}

function told(io: Io, { json }: Json, did: string, key: KeyRecord): void {
  if (json) printJson(io, keyView(key));
  else io.out(`${did} ${described(key)}.\n`);
}

function described({ id, name, customer, project }: KeyRecord): string {
  return `${id} (${name} of ${customer}/${project})`;
}

function orNever<T>(text: string, read: (text: string) => T): T | null {
  return text === "never" ? null : read(text);
}
