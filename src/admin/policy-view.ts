// Policies as the admin surface takes and shows them.
import { z } from "@hono/zod-openapi";
import { operations } from "../gateway/operations.ts";
import { addressProblem } from "../limits/addresses.ts";
import { isTimeZone } from "../limits/hours.ts";
import { matches } from "../limits/pattern.ts";
import { parseTime, parseUsd } from "../limits/policy-json.ts";
import type { PolicyJson } from "../store/policy.ts";
import type { RotationPolicy } from "../store/port.ts";
import { overlapHours } from "./overlap.ts";

const patterns = z.array(z.string().min(1).max(256)).max(1_000);
const endpointNames = ["chat", ...Object.keys(operations)];
/** A misspelt one would forbid all, or deny nothing. */
const endpoints = z
  .array(
    z
      .string()
      .max(256)
      .refine((pattern) => endpointNames.some((name) => matches(pattern, name)), {
        message: `expected one of ${endpointNames.join(", ")}, with \`*\` for any part`,
      }),
  )
  .max(1_000);
const origins = z
  .array(
    z
      .string()
      .max(256)
      .regex(
        /^(\*|[a-z*][a-z0-9+.*-]*:\/\/[^/?#\s]+)$/i,
        "expected the origin of pages, such as https://shop.example, without a path",
      ),
  )
  .max(1_000);
const address = z
  .string()
  .max(64)
  .check((context) => {
    const problem = addressProblem(context.value);
    if (problem !== null) context.issues.push({ code: "custom", message: problem, input: context.value });
  });
const time = z
  .string()
  .refine((text) => parseTime(text) !== null, "expected a time such as 08:00, up to 24:00")
  .openapi({ example: "08:00" });
const usd = z
  .string()
  .refine(
    (text) => parseUsd(text) !== null,
    'expected dollars as a decimal text with at most 9 places, such as "25.00"',
  )
  .openapi({ example: "25.00" });
const count = z.number().int().positive().max(1e15);

const hours = z
  .strictObject({
    time_zone: z.string().max(64).refine(isTimeZone, "expected an IANA time zone such as Europe/Berlin"),
    days: z
      .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
      .min(1)
      .optional(),
    from: time,
    to: time,
  })
  .refine(({ from, to }) => from !== to, { path: ["to"], message: "the span is empty: `from` and `to` are the same" });

const limit = z
  .strictObject({
    requests: count.optional(),
    tokens: count.optional(),
    per: z.enum(["second", "minute", "hour", "day"]),
    models: patterns.min(1).optional(),
  })
  .refine(({ requests, tokens }) => requests !== undefined || tokens !== undefined, "say `requests`, `tokens` or both");

const budget = z.strictObject({
  usd,
  per: z.enum(["total", "day", "week", "month"]).default("total"),
  alert_at: z.array(z.number().int().min(1).max(1_000)).max(10).optional().openapi({ description: "Percent." }),
  hard: z.boolean().optional().openapi({ description: "False only tells when it is spent, and refuses nothing." }),
});

const promptLogging = z
  .strictObject({
    retention_days: z.number().int().min(1).max(3_650).default(30),
    sample: z.number().min(0).max(1).default(1).openapi({ description: "The share of calls; 0 turns it off." }),
    redact: z.enum(["none", "secrets", "personal"]).default("secrets"),
  })
  .openapi({ description: "Logs prompts and answers, encrypted. The caller is told." });

/** What a key, a project or a customer may do. A member that is absent says nothing. */
export const policySchema = z
  .strictObject({
    models: patterns
      .nullable()
      .optional()
      .openapi({ example: ["openai/*", "anthropic/claude-*"] }),
    models_deny: patterns.optional(),
    providers: patterns.nullable().optional(),
    providers_deny: patterns.optional(),
    endpoints: endpoints
      .nullable()
      .optional()
      .openapi({ example: ["chat", "embeddings"] }),
    endpoints_deny: endpoints.optional(),
    ip_allow: z
      .array(address)
      .max(1_000)
      .nullable()
      .optional()
      .openapi({ example: ["203.0.113.0/24"] }),
    ip_deny: z.array(address).max(1_000).optional(),
    origins: origins
      .nullable()
      .optional()
      .openapi({ description: "Pages of browsers; null for a key that is not for browsers." }),
    hours: hours.nullable().optional(),
    max_input_tokens: count.nullable().optional(),
    max_output_tokens: count.nullable().optional(),
    required_metadata: z.array(z.string().min(1).max(64)).max(50).optional(),
    data_collection: z.enum(["allow", "deny"]).optional(),
    zdr: z.boolean().optional(),
    prompt_logging: promptLogging.nullable().optional(),
    limits: z.array(limit).max(50).optional(),
    max_concurrency: count.nullable().optional(),
    budget: z
      .union([budget, z.array(budget).max(10)])
      .nullable()
      .optional(),
  })
  .openapi("Policy");

/** How often a key is to be rotated. */
export const rotationSchema = z
  .strictObject({
    every_days: z.number().int().min(1).max(3_650),
    overlap_hours: overlapHours.default(24),
    quiet_hours: z
      .number()
      .min(0.1)
      .max(24 * 90)
      .optional()
      .openapi({ description: "Hours without use of the old secret after which the overlap ends early." }),
  })
  .openapi("Rotation");

/** The rotation policy as it is kept. */
export function toRotation(rotation: z.infer<typeof rotationSchema> | null): RotationPolicy | null {
  if (rotation === null) return null;
  const { every_days: everyDays, overlap_hours: overlapHours, quiet_hours: quietHours } = rotation;
  return { everyDays, overlapHours, ...(quietHours !== undefined && { quietHours }) };
}

/** The rotation policy as it is shown. */
export function rotationView(rotation: RotationPolicy | null): z.infer<typeof rotationSchema> | null {
  if (rotation === null) return null;
  const { everyDays, overlapHours, quietHours } = rotation;
  return {
    every_days: everyDays,
    overlap_hours: overlapHours,
    ...(quietHours !== undefined && { quiet_hours: quietHours }),
  };
}

/** The policy without members that say nothing. */
export function toPolicyJson(policy: z.infer<typeof policySchema>): PolicyJson {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}
