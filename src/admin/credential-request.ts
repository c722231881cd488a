// What administrators may say of a provider's credential, and how it is checked before anything is kept.
import { z } from "@hono/zod-openapi";
import type { CredentialLimits } from "../store/port-credentials.ts";
import { overlapHours } from "./overlap.ts";
import { label } from "./schemas.ts";
import { moment } from "./times.ts";

const variableName = /^[A-Z][A-Z0-9_]{0,99}$/;
const oneLine = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** A header takes no more than this of a key; the JSON of a cloud's credential may have lines. */
const secretText = z
  .string()
  .trim()
  .min(1)
  .max(50_000)
  .refine(
    (text) => text.startsWith("{") || oneLine.test(text),
    "expected one line of visible ASCII characters, or the JSON of a credential",
  )
  .openapi({ format: "password" });

/** Where a value comes from: exactly one of these. */
const valueMembers = {
  value: secretText
    .optional()
    .openapi({ description: "The key, or the JSON of a cloud's credential. It is never shown again." }),
  values: z
    .record(z.string().regex(variableName, "expected the name of a variable"), secretText)
    .optional()
    .openapi({ description: "Where a provider needs several: its variables, as the environment would have them." }),
  reference: z
    .string()
    .max(2_000)
    .regex(
      /^(vault|aws-sm|aws-ssm|azure-kv|gcp-sm):./,
      "expected a reference to a secrets manager: vault:…, aws-sm:…, aws-ssm:…, azure-kv:…, gcp-sm:…",
    )
    .optional()
    .openapi({ description: "Where the value stands instead, in a secrets manager." }),
};

function exactlyOne(given: {
  readonly value?: unknown;
  readonly values?: unknown;
  readonly reference?: unknown;
}): boolean {
  return [given.value, given.values, given.reference].filter((one) => one !== undefined).length === 1;
}

const oneOfThem = "give exactly one of `value`, `values` and `reference`";

const limits = z
  .strictObject({
    requests_per_minute: z.int().min(1).max(1_000_000),
    tokens_per_minute: z.int().min(1).max(1_000_000_000),
    concurrency: z.int().min(1).max(100_000),
  })
  .partial()
  .openapi("CredentialLimits");

const baseUrl = z
  .url({ protocol: /^https?$/, error: "expected an http:// or https:// URL" })
  .refine((url) => !/[?#]|\/\/[^/]*@/.test(url), "expected a URL without a query, a fragment or credentials");

const texts = z.record(z.string().min(1).max(100), z.string().max(500));

/** What may be changed of a credential at any time. */
const changeable = {
  name: label(100),
  enabled: z.boolean(),
  weight: z.int().min(1).max(1_000).openapi({ description: "Its share of the calls among equals." }),
  priority: z.int().min(0).max(100).openapi({ description: "Of one provider's credentials the lowest come first." }),
  models: z.array(z.string().min(1).max(200)).min(1).max(200).nullable().openapi({
    description: "Patterns of the models that it may be used for, as in policies; null for all.",
  }),
  limits,
  base_url: baseUrl.nullable(),
  variables: z
    .record(z.string().regex(variableName, "expected the name of a variable"), z.string().min(1).max(2_000))
    .openapi({
      description: "Of the provider's variables those that are no secret: a region, a project.",
    }),
  labels: texts,
  fallback: z.boolean().openapi({
    description:
      "Of a customer's own key: whether its calls may go on with the installation's credentials of the provider.",
  }),
  fee_percent: z
    .string()
    .regex(/^\d{1,4}(\.\d{1,6})?$/, "expected a decimal, such as 5 or 2.5")
    .openapi({ description: "Of a customer's own key: what is charged for each 100 of a call's cost." }),
  expires_at: moment.nullable(),
};

export const credentialRequest = z
  .strictObject({
    provider: z.string().min(1).max(100).openapi({ example: "openai" }),
    ...valueMembers,
    customer: label(200)
      .nullable()
      .default(null)
      .openapi({ description: "Whose own key it is: used for nobody else's calls. Null for the installation's." }),
    ...changeable,
    enabled: changeable.enabled.default(true),
    weight: changeable.weight.default(1),
    priority: changeable.priority.default(0),
    models: changeable.models.default(null),
    limits: limits.default({}),
    base_url: changeable.base_url.default(null),
    variables: changeable.variables.default({}),
    labels: texts.default({}),
    fallback: changeable.fallback.optional(),
    fee_percent: changeable.fee_percent.optional(),
    expires_at: changeable.expires_at.default(null),
  })
  .refine(exactlyOne, { message: oneOfThem, path: ["value"] })
  .openapi("CredentialRequest");

export const credentialPatch = z.strictObject(changeable).partial().openapi("CredentialPatch");

export const credentialRotation = z
  .strictObject({
    ...valueMembers,
    overlap_hours: overlapHours.default(24).openapi({
      description:
        "How long the former value is kept, and used where the provider refuses the new one. Then it is destroyed.",
    }),
  })
  .refine(exactlyOne, { message: oneOfThem, path: ["value"] })
  .openapi("CredentialRotation");

export type CredentialRequest = z.output<typeof credentialRequest>;
export type CredentialPatch = z.output<typeof credentialPatch>;
export type CredentialRotation = z.output<typeof credentialRotation>;
export type GivenValue = Pick<CredentialRotation, "value" | "values" | "reference">;

export function limitsOfRequest(given: z.output<typeof limits>): CredentialLimits {
  const { requests_per_minute: requestsPerMinute, tokens_per_minute: tokensPerMinute, concurrency } = given;
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
  };
}

export function limitsToRequest({
  requestsPerMinute,
  tokensPerMinute,
  concurrency,
}: CredentialLimits): z.output<typeof limits> {
  return {
    ...(requestsPerMinute !== undefined && { requests_per_minute: requestsPerMinute }),
    ...(tokensPerMinute !== undefined && { tokens_per_minute: tokensPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
  };
}
