// `turnpike rules`: the same operations as /admin/v1/rules, on the database itself. A running gateway notices at once.
import { readFileSync } from "node:fs";
import { rulePatch, ruleRequest, ruleView } from "../admin/rule-view.ts";
import { changeRule, foundRule, makeRule } from "../admin/rules.ts";
import type { RuleRecord } from "../store/port-rules.ts";
import { type Installation, withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked, parseJson } from "./keys.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

export interface RuleOptions extends Json {
  readonly name?: string;
  readonly status?: string;
  readonly issuer?: string;
  readonly audience?: readonly string[];
  readonly subject?: readonly string[];
  readonly claim?: readonly string[];
  readonly customer?: string;
  readonly project?: string;
  readonly policy?: string;
  readonly ttl?: string;
  readonly outliveToken?: string;
  readonly direct?: string;
  readonly once?: string;
  readonly maxKeys?: string;
  readonly maxTokenAge?: string;
  readonly keyName?: string;
  readonly keepClaim?: readonly string[];
  readonly jwksFile?: string;
  readonly caFile?: string;
}

export async function addCommand(io: Io, name: string, options: RuleOptions): Promise<void> {
  const request = checked(ruleRequest, { ...saidBy(options), name, issuer: options.issuer });
  await withInstallation(io, async ({ store, clock }) => {
    await tell(io, await makeRule(request, { rules: store.rules, clock }), 0, options, "Made");
  });
}

export async function setCommand(io: Io, id: string, options: RuleOptions): Promise<void> {
  const patch = checked(rulePatch, saidBy(options));
  await withInstallation(io, async (installation) => {
    const { store, clock } = installation;
    const rule = await changeRule(foundRule(await store.rules.get(id)), patch, { rules: store.rules, clock });
    await tell(io, rule, (await liveKeys(installation)).get(id) ?? 0, options, "Changed");
  });
}

export async function listCommand(io: Io, { json }: Json): Promise<void> {
  await withInstallation(io, async (installation) => {
    const live = await liveKeys(installation);
    const rules = (await installation.store.rules.list()).map((rule) => ruleView(rule, live.get(rule.id) ?? 0));
    if (json) return printJson(io, { object: "list", data: rules, has_more: false, next_cursor: null });
    const rows = rules.map((rule) => ({
      ...rule,
      subjects: rule.subjects?.join(", ") ?? "",
      claims: Object.entries(rule.claims)
        .map(([name, patterns]) => `${name}=${patterns.join("|")}`)
        .join(", "),
      warnings: rule.warnings.length,
    }));
    io.out(
      table(
        ["id", "name", "issuer", "subjects", "claims", "customer", "project", "status", "live_keys", "warnings"],
        rows,
      ),
    );
  });
}

export async function removeCommand(io: Io, id: string, { json, keepKeys }: Json & { readonly keepKeys?: true }) {
  await withInstallation(io, async ({ store, clock }) => {
    foundRule(await store.rules.get(id));
    await store.rules.remove(id, clock.now(), { revokeKeys: keepKeys !== true });
    if (json) return printJson(io, { id, object: "rule", deleted: true });
    io.out(keepKeys ? `Removed ${id}. Its keys live to their ends.\n` : `Removed ${id} and revoked its keys.\n`);
  });
}

function liveKeys({ store, clock }: Installation): Promise<ReadonlyMap<string, number>> {
  return store.rules.liveKeys(clock.now());
}

async function tell(io: Io, rule: RuleRecord, live: number, { json }: Json, verb: string): Promise<void> {
  const view = ruleView(rule, live);
  if (json) return printJson(io, view);
  io.out(`${verb} ${view.id}.\n`);
  for (const warning of view.warnings) io.err(`turnpike: ${warning}\n`);
}

/** What the options say, as the admin surface takes it. */
function saidBy(options: RuleOptions): Readonly<Record<string, unknown>> {
  const { audience, subject, claim, policy, keepClaim, jwksFile, caFile } = options;
  const said = {
    name: options.name,
    status: options.status,
    audiences: audience,
    subjects: subject,
    claims: claim === undefined ? undefined : claimsOf(claim),
    customer: options.customer,
    project: options.project,
    policy: policy === undefined ? undefined : parseJson("--policy", policy),
    ttl_seconds: numberOf(options.ttl),
    outlive_token: isYes("--outlive-token", options.outliveToken),
    direct: isYes("--direct", options.direct),
    once: isYes("--once", options.once),
    max_keys: numberOf(options.maxKeys),
    max_token_age_seconds: numberOf(options.maxTokenAge),
    key_name: options.keyName,
    keep_claims: keepClaim,
    jwks: jwksFile === undefined ? undefined : parseJson("--jwks-file", contentOf(jwksFile)),
    ca: caFile === undefined ? undefined : contentOf(caFile),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/** A claim's name may have no `=`, a pattern may. */
function claimsOf(pairs: readonly string[]): Record<string, string[]> {
  const claims: Record<string, string[]> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw new CommandError("--claim takes name=pattern, such as repository_owner_id=12345.");
    const name = pair.slice(0, at);
    claims[name] = [...(claims[name] ?? []), pair.slice(at + 1)];
  }
  return claims;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function isYes(option: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text !== "yes" && text !== "no") throw new CommandError(`${option} takes yes or no.`);
  return text === "yes";
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new CommandError(`Can't read ${path}.`);
  }
}
