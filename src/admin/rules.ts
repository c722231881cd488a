// /admin/v1/rules: who gets a short-lived key for a token of somebody else's.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { ruleProblem } from "../identity/rule-check.ts";
import { newId } from "../keys/id.ts";
import type { RuleRecord, RuleStore } from "../store/port-rules.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { validationError } from "./errors.ts";
import { json } from "./keys.ts";
import { type RuleRequest, ruleOf, rulePatch, ruleRequest, ruleSchema, ruleView, toRequest } from "./rule-view.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";

const ruleId = z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) });
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const tags = ["rules"];
const inForce = "In force at once, for keys that it has given too.";

const createRule = createRoute({
  method: "post",
  path: "/rules",
  tags,
  summary: "Make a rule by which workloads get keys for their tokens",
  description: "Read its `warnings`: a rule that is too wide gives keys to strangers.",
  request: { headers: idempotencyHeader, body: body(ruleRequest) },
  responses: { 201: json(ruleSchema, "The rule."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});
const listRules = createRoute({
  method: "get",
  path: "/rules",
  tags,
  summary: "List rules, oldest first: in this order they are asked",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(ruleSchema, "RuleList"), "All of them."), ...errors(400, 401, 403, 429) },
});
const getRule = createRoute({
  method: "get",
  path: "/rules/{id}",
  tags,
  summary: "Read a rule",
  request: { params: ruleId },
  responses: { 200: json(ruleSchema, "The rule."), ...errors(401, 403, 404, 429) },
});
const patchRule = createRoute({
  method: "patch",
  path: "/rules/{id}",
  tags,
  summary: "Change a rule",
  description: `What is absent stays. ${inForce} Its issuer can't be changed.`,
  request: { params: ruleId, body: body(rulePatch) },
  responses: { 200: json(ruleSchema, "The rule."), ...errors(400, 401, 403, 404, 413, 415, 429) },
});
const deleteRule = createRoute({
  method: "delete",
  path: "/rules/{id}",
  tags,
  summary: "Remove a rule",
  description: "Its keys are revoked; with `revoke_keys=false` they live to their ends, under what the rule said last.",
  request: {
    params: ruleId,
    query: z.strictObject({ revoke_keys: z.enum(["true", "false"]).default("true") }),
  },
  responses: {
    200: json(
      z.object({ id: z.string(), object: z.literal("rule"), deleted: z.literal(true) }).openapi("DeletedRule"),
      "Removed.",
    ),
    ...errors(400, 401, 403, 404, 429),
  },
});

export const ruleRoutes = [createRule, listRules, getRule, patchRule, deleteRule];

export function mountRules(app: OpenAPIHono<AdminEnv>, { store, ring, clock }: AdminDeps): void {
  const { rules } = store;
  const live = async (id: string): Promise<number> => (await rules.liveKeys(clock.now())).get(id) ?? 0;
  /** Keys of a rule are those of one project, which another process forgets by the epoch. */
  const forget = ({ terms }: RuleRecord): void => ring.forgetOf(terms.customer, terms.project);

  app.openapi(createRule, async (c) => {
    const view = ruleView(await makeRule(c.req.valid("json"), { rules, clock }), 0);
    c.set("replay", view);
    return c.json(view, 201);
  });
  app.openapi(listRules, async (c) => {
    const counted = await rules.liveKeys(clock.now());
    const data = (await rules.list()).map((rule) => ruleView(rule, counted.get(rule.id) ?? 0));
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
  app.openapi(getRule, async (c) => {
    const rule = foundRule(await rules.get(c.req.valid("param").id));
    return c.json(ruleView(rule, await live(rule.id)), 200);
  });
  app.openapi(patchRule, async (c) => {
    const before = foundRule(await rules.get(c.req.valid("param").id));
    const rule = await changeRule(before, c.req.valid("json"), { rules, clock });
    forget(before);
    forget(rule);
    return c.json(ruleView(rule, await live(rule.id)), 200);
  });
  app.openapi(deleteRule, async (c) => {
    const rule = foundRule(await rules.get(c.req.valid("param").id));
    const revokeKeys = c.req.valid("query").revoke_keys === "true";
    await rules.remove(rule.id, clock.now(), { revokeKeys });
    forget(rule);
    return c.json({ id: rule.id, object: "rule" as const, deleted: true as const }, 200);
  });
}

interface RuleDeps {
  readonly rules: RuleStore;
  readonly clock: Clock;
}

/** @throws GatewayError `invalid_request` for a rule that can't be used, or must not be. */
export async function makeRule(request: RuleRequest, { rules, clock }: RuleDeps): Promise<RuleRecord> {
  const nowMs = clock.now();
  const rule = { id: newId("rule", nowMs), ...ruleOf(request), createdAtMs: nowMs, updatedAtMs: nowMs };
  check(rule);
  await rules.create(rule);
  return rule;
}

/** Lays what is given over a rule. @throws GatewayError as `makeRule`, and `not_found` when it was removed meanwhile. */
export async function changeRule(
  rule: RuleRecord,
  patch: z.output<typeof rulePatch>,
  { rules, clock }: RuleDeps,
): Promise<RuleRecord> {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  const parsed = ruleRequest.safeParse({ ...toRequest(rule), ...Object.fromEntries(given) });
  if (!parsed.success) throw validationError(parsed.error);
  const { issuer, ...changes } = ruleOf(parsed.data);
  check({ issuer, terms: changes.terms });
  return foundRule(await rules.update(rule.id, changes, clock.now()));
}

function check({ issuer, terms }: Pick<RuleRecord, "issuer" | "terms">): void {
  const problem = ruleProblem({ ...terms, issuer });
  if (problem === null) return;
  const { param, message } = problem;
  throw new GatewayError("invalid_request", `\`${param}\`: ${message}.`, { param });
}

/** @throws GatewayError `not_found`. */
export function foundRule(rule: RuleRecord | null): RuleRecord {
  if (rule === null) throw new GatewayError("not_found", "There is no rule with this id.");
  return rule;
}
