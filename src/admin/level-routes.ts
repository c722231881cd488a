// The declarations of /admin/v1/customers, /projects and /policy-templates: one set of five for each.
import { createRoute, z } from "@hono/zod-openapi";
import { json } from "./keys.ts";
import {
  customerRequest,
  customerSchema,
  levelPatch,
  projectRequest,
  projectSchema,
  templateRequest,
  templateSchema,
} from "./level-view.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";

const inPath = (name: string) => z.string().openapi({ param: { name, in: "path" } });
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const deleted = z.object({ deleted: z.literal(true) }).openapi("Deleted");
const at = "In force at once in this process, in others within half a second.";
const gone = "Its keys and what they have used stay; what was said of them holds no longer.";

const customerId = z.object({ id: inPath("id") });
const customers = { path: "/customers", tags: ["customers"] };
const oneCustomer = { path: "/customers/{id}" as const, tags: ["customers"] };

export const createCustomer = createRoute({
  ...customers,
  method: "post",
  summary: "Say something of a customer",
  description: "A customer of whom nothing is said needs no entry: its keys name it.",
  request: { headers: idempotencyHeader, body: body(customerRequest) },
  responses: { 201: json(customerSchema, "The customer."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});
export const listCustomers = createRoute({
  ...customers,
  method: "get",
  summary: "List customers, by id",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(customerSchema, "CustomerList"), "All of them."), ...errors(400, 401, 403, 429) },
});
export const getCustomer = createRoute({
  ...oneCustomer,
  method: "get",
  summary: "Read a customer",
  request: { params: customerId },
  responses: { 200: json(customerSchema, "The customer."), ...errors(401, 403, 404, 429) },
});
export const patchCustomer = createRoute({
  ...oneCustomer,
  method: "patch",
  summary: "Change a customer",
  description: at,
  request: { params: customerId, body: body(levelPatch) },
  responses: { 200: json(customerSchema, "The customer."), ...errors(400, 401, 403, 404, 413, 415, 429) },
});
export const deleteCustomer = createRoute({
  ...oneCustomer,
  method: "delete",
  summary: "Forget what was said of a customer",
  description: gone,
  request: { params: customerId },
  responses: { 200: json(deleted, "Forgotten."), ...errors(401, 403, 404, 409, 429) },
});

const projectId = z.object({ customer: inPath("customer"), id: inPath("id") });
const projects = { path: "/projects", tags: ["projects"] };
const oneProject = { path: "/projects/{customer}/{id}" as const, tags: ["projects"] };

export const createProject = createRoute({
  ...projects,
  method: "post",
  summary: "Say something of a customer's project",
  request: { headers: idempotencyHeader, body: body(projectRequest) },
  responses: { 201: json(projectSchema, "The project."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});
export const listProjects = createRoute({
  ...projects,
  method: "get",
  summary: "List projects, by customer and id",
  request: { query: z.strictObject({ customer: z.string().max(100).optional() }) },
  responses: { 200: json(listOf(projectSchema, "ProjectList"), "All of them."), ...errors(400, 401, 403, 429) },
});
export const getProject = createRoute({
  ...oneProject,
  method: "get",
  summary: "Read a project",
  request: { params: projectId },
  responses: { 200: json(projectSchema, "The project."), ...errors(401, 403, 404, 429) },
});
export const patchProject = createRoute({
  ...oneProject,
  method: "patch",
  summary: "Change a project",
  description: at,
  request: { params: projectId, body: body(levelPatch) },
  responses: { 200: json(projectSchema, "The project."), ...errors(400, 401, 403, 404, 413, 415, 429) },
});
export const deleteProject = createRoute({
  ...oneProject,
  method: "delete",
  summary: "Forget what was said of a project",
  description: gone,
  request: { params: projectId },
  responses: { 200: json(deleted, "Forgotten."), ...errors(401, 403, 404, 429) },
});

const templateId = z.object({ name: inPath("name") });
const templates = { path: "/policy-templates", tags: ["policy templates"] };
const oneTemplate = { path: "/policy-templates/{name}" as const, tags: ["policy templates"] };

export const putTemplate = createRoute({
  ...templates,
  method: "post",
  summary: "Write a policy template, or write it anew",
  description: "What was made from an earlier one of its name stays as it is.",
  request: { headers: idempotencyHeader, body: body(templateRequest) },
  responses: { 201: json(templateSchema, "The template."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});
export const listTemplates = createRoute({
  ...templates,
  method: "get",
  summary: "List policy templates, by name",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(templateSchema, "PolicyTemplateList"), "All of them."), ...errors(400, 401, 403, 429) },
});
export const getTemplate = createRoute({
  ...oneTemplate,
  method: "get",
  summary: "Read a policy template",
  request: { params: templateId },
  responses: { 200: json(templateSchema, "The template."), ...errors(401, 403, 404, 429) },
});
export const deleteTemplate = createRoute({
  ...oneTemplate,
  method: "delete",
  summary: "Remove a policy template",
  description: "What was made from it stays as it is.",
  request: { params: templateId },
  responses: { 200: json(deleted, "Removed."), ...errors(401, 403, 404, 429) },
});

export const levelRoutes = [
  ...[createCustomer, listCustomers, getCustomer, patchCustomer, deleteCustomer],
  ...[createProject, listProjects, getProject, patchProject, deleteProject],
  ...[putTemplate, listTemplates, getTemplate, deleteTemplate],
];
