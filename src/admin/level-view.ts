// Customers, projects and policy templates as operators write and see them.
import { z } from "@hono/zod-openapi";
import type { CustomerRecord, Level, ProjectRecord, TemplateRecord } from "../store/port-levels.ts";
import { keyRequest } from "./keys.ts";
import { policySchema, toPolicyJson } from "./policy-view.ts";
import { label, timestamp } from "./schemas.ts";

/** What is said of all keys of a customer or a project. */
const level = {
  name: label(100),
  status: z
    .enum(["active", "suspended"])
    .openapi({ description: "While it is suspended, none of its keys is let in." }),
  policy: policySchema.openapi({ description: "What every one of its keys must keep to, beside its own." }),
  metadata: keyRequest.shape.metadata.unwrap(),
};

const written = {
  name: level.name.optional().openapi({ description: "The id, unless said." }),
  status: level.status.default("active"),
  policy: level.policy.default({}),
  metadata: level.metadata.default({}),
  template: keyRequest.shape.template,
};

const id = label(100).openapi({ description: "As its keys name it.", example: "acme" });

export const customerRequest = z.strictObject({ id, ...written }).openapi("CustomerRequest");
export const projectRequest = z.strictObject({ customer: id, id, ...written }).openapi("ProjectRequest");
/** What may be changed of either. */
export const levelPatch = z.strictObject(level).partial().openapi("LevelPatch");

export const templateName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "expected letters, digits, dots, hyphens and underscores");
export const templateRequest = z.strictObject({ name: templateName, policy: policySchema }).openapi("TemplateRequest");

const times = { created_at: timestamp, updated_at: timestamp };

export const customerSchema = z
  .object({
    id: z.string(),
    object: z.literal("customer"),
    ...level,
    name: z.string(),
    price_percent: z.string().openapi({ description: "What is charged for each 100 of cost." }),
    prepaid: z.boolean().openapi({ description: "Whether its calls are paid for from credits." }),
    ...times,
  })
  .openapi("Customer");
export const projectSchema = z
  .object({ customer: z.string(), id: z.string(), object: z.literal("project"), ...level, name: z.string(), ...times })
  .openapi("Project");
export const templateSchema = z
  .object({ name: z.string(), object: z.literal("policy_template"), policy: policySchema, ...times })
  .openapi("PolicyTemplate");

export const customerView = (record: CustomerRecord): z.infer<typeof customerSchema> => ({
  id: record.id,
  object: "customer",
  ...levelView(record),
  price_percent: record.pricePercent,
  prepaid: record.prepaid,
});

export const projectView = (record: ProjectRecord): z.infer<typeof projectSchema> => ({
  customer: record.customer,
  id: record.id,
  object: "project",
  ...levelView(record),
});

export const templateView = ({ name, policy, ...record }: TemplateRecord): z.infer<typeof templateSchema> => ({
  name,
  object: "policy_template",
  policy: policy as z.infer<typeof policySchema>,
  ...timesOf(record),
});

/** A patch as the store takes it. */
export function toLevelChanges({ name, status, policy, metadata }: z.infer<typeof levelPatch>): {
  name?: string;
  status?: Level["status"];
  policy?: Level["policy"];
  metadata?: Readonly<Record<string, string>>;
} {
  return {
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(policy !== undefined && { policy: toPolicyJson(policy) }),
    ...(metadata !== undefined && { metadata }),
  };
}

function levelView(record: CustomerRecord | ProjectRecord) {
  const { name, status, policy, metadata } = record;
  return { name, status, policy: policy as z.infer<typeof policySchema>, metadata, ...timesOf(record) };
}

function timesOf({ createdAtMs, updatedAtMs }: { readonly createdAtMs: number; readonly updatedAtMs: number }) {
  return { created_at: new Date(createdAtMs).toISOString(), updated_at: new Date(updatedAtMs).toISOString() };
}
