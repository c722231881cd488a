// `turnpike audit`: the trail, on the database itself.
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { collectEvidence } from "../admin/audit-evidence.ts";
import { evidenceMarkdown } from "../admin/audit-markdown.ts";
import { auditFilter, type ExportFormat, entryView, exportedText, toAuditQuery } from "../admin/audit-view.ts";
import { type Checkpoint, readCheckpoint } from "../audit/checkpoint.ts";
import { canonical } from "../audit/entry.ts";
import type { ExportedEntry } from "../audit/formats.ts";
import { type AuditVerifier, verifierOf } from "../audit/key.ts";
import { type Verification, verifyEvidence, verifyStore } from "../audit/verify.ts";
import type { AuditRow } from "../store/port-audit.ts";
import { withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked } from "./keys.ts";
import { table } from "./table.ts";

type Filter = Readonly<Partial<Record<"action" | "actor" | "target" | "outcome" | "from" | "to" | "q", string>>>;

export async function listCommand(
  io: Io,
  { limit, json, ...filter }: Filter & { readonly limit: string; readonly json?: true },
): Promise<void> {
  const query = toAuditQuery(checked(auditFilter, filter));
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > 1_000)
    throw new CommandError("--limit takes a number from 1 to 1000.");
  await withInstallation(io, async ({ store }) => {
    const entries = (await store.audit.list({ ...query, limit: most })).map(entryView);
    if (json) return printJson(io, { object: "list", data: entries });
    const rows = entries.map(({ seq, at, action, outcome, actor, target, address, reason, count }) => ({
      seq,
      at,
      action,
      outcome: reason === undefined ? outcome : `${outcome} (${reason})`,
      actor: actor.id === "" ? actor.type : `${actor.type} ${actor.id}`,
      target: target?.id ?? "",
      address: address ?? "",
      count: count ?? "",
    }));
    io.out(table(["seq", "at", "action", "outcome", "actor", "target", "address", "count"], rows));
  });
}

export interface VerifyOptions {
  readonly checkpoint?: string;
  readonly file?: string;
  readonly publicKey?: string;
  readonly json?: true;
}

/** Resolves to whether it holds. */
export async function verifyCommand(io: Io, { checkpoint, file, publicKey, json }: VerifyOptions): Promise<boolean> {
  const outside = checkpoint === undefined ? [] : readCheckpoints(checkpoint);
  if (file !== undefined && publicKey !== undefined) {
    return tell(io, await verifyFile(file, keyFrom(publicKey), outside), json);
  }
  return withInstallation(io, async ({ store, trail }) => {
    if (file !== undefined) return tell(io, await verifyFile(file, trail.signer, outside), json);
    return tell(io, await verifyStore(store.audit, trail.signer, outside), json);
  });
}

export async function exportCommand(
  io: Io,
  { format, ...filter }: Filter & { readonly format: ExportFormat },
): Promise<void> {
  const query = toAuditQuery(checked(auditFilter, filter));
  await withInstallation(io, async ({ store }) => {
    for await (const text of exportedText(store.audit, query, format)) io.out(text);
  });
}

export async function reportCommand(io: Io, { format }: { readonly format: "markdown" | "json" }): Promise<void> {
  await withInstallation(io, async ({ store, trail, clock }) => {
    const evidence = await collectEvidence({ store, trail, nowMs: clock.now() });
    if (format === "json") printJson(io, evidence);
    else io.out(evidenceMarkdown(evidence));
  });
}

export async function keyCommand(io: Io, { json }: { readonly json?: true }): Promise<void> {
  await withInstallation(io, async ({ trail: { signer } }) => {
    const { kid, publicKey } = signer;
    if (json) return printJson(io, { object: "audit_key", kid, algorithm: "Ed25519", public_key: publicKey });
    io.out(`-----BEGIN PUBLIC KEY-----\n${publicKey}\n-----END PUBLIC KEY-----\n`);
  });
}

function tell(io: Io, result: Verification, json: true | undefined): boolean {
  if (json) {
    printJson(io, { object: "audit_verification", ...result });
    return result.ok;
  }
  const { entries, first_seq, last_seq, checkpoints, signed_through, outside_checkpoints, removed_through, problem } =
    result;
  if (problem !== null) io.out(`NOT INTACT from entry ${problem.seq} on (${problem.kind}): ${problem.message}\n`);
  else io.out(`Intact: ${entries} entries${entries === 0 ? "" : `, ${first_seq} to ${last_seq}`}.\n`);
  io.out(`Signed checkpoints: ${checkpoints}, all hold; the last one covers entry ${signed_through}.\n`);
  if (outside_checkpoints > 0) io.out(`${outside_checkpoints} of the given checkpoints hold.\n`);
  if (removed_through > 0)
    io.out(`Retention has removed the entries up to ${removed_through}, and has signed for it.\n`);
  return result.ok;
}

/** An export without the master key: hashes, links and signatures. */
function verifyFile(file: string, verifier: AuditVerifier, outside: readonly Checkpoint[]): Promise<Verification> {
  if (!existsSync(file)) throw new CommandError(`There is no file ${file}.`);
  return verifyEvidence({ rows: rowsOfFile(file), cut: null, anywhere: true }, { verifier, signer: null, outside });
}

async function* rowsOfFile(file: string): AsyncGenerator<AuditRow> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line === "") continue;
    try {
      const { hash, ...entry } = JSON.parse(line) as ExportedEntry;
      yield { seq: entry.seq, body: canonical(entry), hash, mac: "" };
    } catch {
      throw new CommandError(`${file}:${number}: this is no entry of the trail as JSON.`);
    }
  }
}

function readCheckpoints(file: string): readonly Checkpoint[] {
  if (!existsSync(file)) throw new CommandError(`There is no file ${file}.`);
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const checkpoint = parseCheckpoint(line);
    if (checkpoint === null) throw new CommandError(`${file}:${index + 1}: this is no checkpoint.`);
    return [checkpoint];
  });
}

/** A checkpoint, or the exported entry that holds one. */
function parseCheckpoint(line: string): Checkpoint | null {
  try {
    const value: unknown = JSON.parse(line);
    return readCheckpoint(value) ?? readCheckpoint((value as { readonly after?: unknown }).after);
  } catch {
    return null;
  }
}

function keyFrom(text: string): AuditVerifier {
  try {
    return verifierOf(existsSync(text) ? readFileSync(text, "utf8") : text);
  } catch {
    throw new CommandError("--public-key takes what `turnpike audit key` prints, or a file with it.");
  }
}
