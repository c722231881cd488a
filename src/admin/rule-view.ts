// Rules of workload identity as operators write and see them.
import { z } from "@hono/zod-openapi";
import { ruleWarnings } from "../identity/rule-check.ts";
import type { RuleRecord, RuleTerms } from "../store/port-rules.ts";
import { keyRequest } from "./keys.ts";
import { policySchema, toPolicyJson } from "./policy-view.ts";
import { label, timestamp } from "./schemas.ts";

const pattern = z.string().min(1).max(1_000);
const patterns = z.union([pattern, z.array(pattern).min(1).max(100)]).transform((one) => [one].flat());
const claimName = z.string().min(1).max(200);
const hoursS = 3_600;

const members = {
  name: label(100).openapi({ example: "shop-ci" }),
  issuer: z
    .string()
    .min(1)
    .max(500)
    .openapi({ description: "`iss`, exactly.", example: "https://token.actions.githubusercontent.com" }),
  audiences: z
    .array(z.string().min(1).max(500))
    .min(1)
    .max(20)
    .openapi({ description: "`aud` must be one of these, exactly." }),
  subjects: patterns
    .nullable()
    .openapi({ description: "Patterns of `sub`, of which one must match; `*` stands for any text." }),
  claims: z
    .record(claimName, patterns)
    .refine((claims) => Object.keys(claims).length <= 30, "at most 30 claims")
    .openapi({
      description: "Patterns by claim: a name, or a JSON pointer such as `/kubernetes.io/namespace`. All must match.",
    }),
  jwks: z
    .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20) })
    .nullable()
    .openapi({ description: "The issuer's public keys, where it can't be asked." }),
  ca: z
    .string()
    .max(100_000)
    .nullable()
    .openapi({ description: "PEM certificates that the issuer's own is checked by." }),
  max_token_age_seconds: z
    .number()
    .int()
    .min(60)
    .max(31 * 24 * hoursS),
  once: z.boolean().openapi({ description: "Takes each token once, by its `jti`." }),
  customer: label(100).openapi({ example: "acme" }),
  project: label(100),
  environment: keyRequest.shape.environment.unwrap(),
  policy: policySchema.openapi({ description: "What all keys of the rule together must keep to." }),
  ttl_seconds: z
    .number()
    .int()
    .min(60)
    .max(12 * hoursS),
  outlive_token: z.boolean().openapi({ description: "Whether a key may live longer than its token." }),
  key_name: z
    .string()
    .min(1)
    .max(300)
    .openapi({ description: "With `{claim}` for claims, and `{rule}` for the rule's name." }),
  keep_claims: z.array(claimName).max(30).openapi({ description: "Claims that are written into the key's metadata." }),
  max_keys: z.number().int().min(1).max(100_000).openapi({ description: "How many of its keys may live at a time." }),
  direct: z
    .boolean()
    .openapi({ description: "Whether the token itself is taken as a bearer on customers' endpoints." }),
  status: z.enum(["active", "suspended"]),
};

/** What is needed to make a rule. The command line checks its options with it too. */
export const ruleRequest = z
  .strictObject({
    ...members,
    subjects: members.subjects.default(null),
    claims: members.claims.default({}),
    jwks: members.jwks.default(null),
    ca: members.ca.default(null),
    max_token_age_seconds: members.max_token_age_seconds.default(24 * hoursS),
    once: members.once.default(false),
    project: members.project.default("default"),
    environment: members.environment.default("live"),
    policy: members.policy.default({}),
    ttl_seconds: members.ttl_seconds.default(hoursS),
    outlive_token: members.outlive_token.default(false),
    key_name: members.key_name.default("{rule} {sub}"),
    keep_claims: members.keep_claims.default([]),
    max_keys: members.max_keys.default(1_000),
    direct: members.direct.default(false),
    status: members.status.default("active"),
  })
  .openapi("RuleRequest");

const { issuer: _, ...changeable } = members;
/** What may be changed of a rule: its issuer is what it is. */
export const rulePatch = z.strictObject(changeable).partial().openapi("RulePatch");

export const ruleSchema = z
  .object({
    id: z.string().openapi({ example: "rule_01k8z3v9qe4m7x2n5r6t8w0yab" }),
    object: z.literal("rule"),
    ...members,
    subjects: z.array(z.string()).nullable(),
    claims: z.record(z.string(), z.array(z.string())),
    live_keys: z.number(),
    warnings: z.array(z.string()).openapi({ description: "What is dangerous about it." }),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .openapi("Rule");

export type RuleRequest = z.output<typeof ruleRequest>;

export function ruleView(rule: RuleRecord, liveKeys: number): z.infer<typeof ruleSchema> {
  const { terms } = rule;
  return {
    id: rule.id,
    object: "rule",
    ...(toRequest(rule) as Omit<RuleRequest, "subjects" | "claims">),
    subjects: terms.subjects === null ? null : [...terms.subjects],
    claims: Object.fromEntries(Object.entries(terms.claims).map(([name, wanted]) => [name, [...wanted]])),
    live_keys: liveKeys,
    warnings: [...ruleWarnings({ ...terms, issuer: rule.issuer })],
    created_at: new Date(rule.createdAtMs).toISOString(),
    updated_at: new Date(rule.updatedAtMs).toISOString(),
  };
}

/** A rule as it could be asked for again. */
export function toRequest({
  name,
  issuer,
  status,
  policy,
  terms,
}: RuleRecord): Readonly<Record<keyof RuleRequest, unknown>> {
  return {
    name,
    issuer,
    audiences: terms.audiences,
    subjects: terms.subjects,
    claims: terms.claims,
    jwks: terms.jwks,
    ca: terms.ca,
    max_token_age_seconds: terms.maxTokenAgeS,
    once: terms.once,
    customer: terms.customer,
    project: terms.project,
    environment: terms.environment,
    policy,
    ttl_seconds: terms.ttlS,
    outlive_token: terms.outlivesToken,
    key_name: terms.keyName,
    keep_claims: terms.keep,
    max_keys: terms.maxKeys,
    direct: terms.direct,
    status,
  };
}

/** What a request says, as it is kept. */
export function ruleOf(request: RuleRequest): Pick<RuleRecord, "name" | "issuer" | "status" | "policy" | "terms"> {
  const terms: RuleTerms = {
    audiences: request.audiences,
    subjects: request.subjects,
    claims: request.claims,
    jwks: request.jwks,
    ca: request.ca,
    maxTokenAgeS: request.max_token_age_seconds,
    once: request.once,
    customer: request.customer,
    project: request.project,
    environment: request.environment,
    ttlS: request.ttl_seconds,
    outlivesToken: request.outlive_token,
    keyName: request.key_name,
    keep: request.keep_claims,
    maxKeys: request.max_keys,
    direct: request.direct,
  };
  const { name, issuer, status } = request;
  return { name, issuer, status, policy: toPolicyJson(request.policy), terms };
}
