// /admin/v1/customers, /projects and /policy-templates: what operators say of many keys at once.
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { Store } from "../store/port.ts";
import type { CustomerRecord, ProjectRecord } from "../store/port-levels.ts";
import { balanceView } from "./credits-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { withTemplate } from "./key-rules.ts";
import * as routes from "./level-routes.ts";
import {
  type customerRequest,
  customerView,
  type projectRequest,
  projectView,
  templateView,
  toLevelChanges,
} from "./level-view.ts";
import { toPolicyJson } from "./policy-view.ts";

type LevelStores = Pick<Store, "customers" | "projects" | "templates">;

export function mountLevels(app: OpenAPIHono<AdminEnv>, { store, clock, ring }: AdminDeps): void {
  mountCustomers(app, { store, clock, ring });
  mountProjects(app, { store, clock, ring });
  mountTemplates(app, { store, clock });
}

type LevelDeps = Pick<AdminDeps, "store" | "clock" | "ring">;

function mountCustomers(app: OpenAPIHono<AdminEnv>, { store, clock, ring }: LevelDeps): void {
  const { customers } = store;
  app.openapi(routes.createCustomer, async (c) => {
    const record = await createCustomer({ store, clock }, c.req.valid("json"));
    ring.forgetOf(record.id, null);
    const view = customerView(record);
    c.set("replay", view);
    return c.json(view, 201);
  });
  app.openapi(routes.listCustomers, async (c) => c.json(list((await customers.list()).map(customerView)), 200));
  app.openapi(routes.getCustomer, async (c) =>
    c.json(customerView(found(await customers.get(c.req.valid("param").id))), 200),
  );
  app.openapi(routes.patchCustomer, async (c) => {
    const { id } = c.req.valid("param");
    found(await customers.get(id));
    const record = await customers.update(id, toLevelChanges(c.req.valid("json")), clock.now());
    ring.forgetOf(id, null);
    return c.json(customerView(found(record)), 200);
  });
  app.openapi(routes.deleteCustomer, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await removeCustomer(store, id))) found(null);
    ring.forgetOf(id, null);
    return c.json({ deleted: true as const }, 200);
  });
}

function mountProjects(app: OpenAPIHono<AdminEnv>, { store, clock, ring }: LevelDeps): void {
  const { projects } = store;
  app.openapi(routes.createProject, async (c) => {
    const record = await createProject({ store, clock }, c.req.valid("json"));
    ring.forgetOf(record.customer, record.id);
    const view = projectView(record);
    c.set("replay", view);
    return c.json(view, 201);
  });
  app.openapi(routes.listProjects, async (c) =>
    c.json(list((await projects.list(c.req.valid("query").customer ?? null)).map(projectView)), 200),
  );
  app.openapi(routes.getProject, async (c) => {
    const { customer, id } = c.req.valid("param");
    return c.json(projectView(found(await projects.get(customer, id))), 200);
  });
  app.openapi(routes.patchProject, async (c) => {
    const { customer, id } = c.req.valid("param");
    found(await projects.get(customer, id));
    const record = await projects.update(customer, id, toLevelChanges(c.req.valid("json")), clock.now());
    ring.forgetOf(customer, id);
    return c.json(projectView(found(record)), 200);
  });
  app.openapi(routes.deleteProject, async (c) => {
    const { customer, id } = c.req.valid("param");
    if (!(await projects.remove(customer, id))) found(null);
    ring.forgetOf(customer, id);
    return c.json({ deleted: true as const }, 200);
  });
}

function mountTemplates(app: OpenAPIHono<AdminEnv>, { store, clock }: Pick<AdminDeps, "store" | "clock">): void {
  const { templates } = store;
  app.openapi(routes.putTemplate, async (c) => {
    const { name, policy } = c.req.valid("json");
    const view = templateView(await templates.put(name, toPolicyJson(policy), clock.now()));
    c.set("replay", view);
    return c.json(view, 201);
  });
  app.openapi(routes.listTemplates, async (c) => c.json(list((await templates.list()).map(templateView)), 200));
  app.openapi(routes.getTemplate, async (c) =>
    c.json(templateView(found(await templates.get(c.req.valid("param").name))), 200),
  );
  app.openapi(routes.deleteTemplate, async (c) => {
    if (!(await templates.remove(c.req.valid("param").name))) found(null);
    return c.json({ deleted: true as const }, 200);
  });
}

interface CreateDeps {
  readonly store: LevelStores;
  readonly clock: Clock;
}

/** @throws GatewayError `conflict` when something is said of this customer already; `invalid_request` for an unknown template. */
export async function createCustomer(
  { store, clock }: CreateDeps,
  request: z.output<typeof customerRequest>,
): Promise<CustomerRecord> {
  const { id } = request;
  const record = { id, pricePercent: "100", prepaid: false, ...(await said({ store, clock }, request)) };
  if (!(await store.customers.create(record))) throw exists("customer");
  return record;
}

/**
 * Forgets what was said of a customer; false when nothing was.
 * @throws GatewayError `conflict` where calls would go on that nobody pays for: while it pays in advance, or has a balance.
 */
export async function removeCustomer(
  { customers, ledger }: Pick<Store, "customers" | "ledger">,
  id: string,
): Promise<boolean> {
  const record = await customers.get(id);
  if (record === null) return false;
  const { balance_usd } = balanceView(await ledger.balance(id));
  if (record.prepaid || balance_usd !== "0") {
    const open = `This customer ${record.prepaid ? "pays in advance and " : ""}has a balance of $${balance_usd}.`;
    const first =
      "Adjust it to 0, and set `prepaid` to false (PATCH /admin/v1/customers/{id}/pricing, `turnpike customers pricing`), before it is deleted.";
    throw new GatewayError("conflict", `${open} ${first}`);
  }
  return customers.remove(id);
}

/** As `createCustomer`. The customer need not be there. */
export async function createProject(
  { store, clock }: CreateDeps,
  request: z.output<typeof projectRequest>,
): Promise<ProjectRecord> {
  const { customer, id } = request;
  const record = { customer, id, ...(await said({ store, clock }, request)) };
  if (!(await store.projects.create(record))) throw exists("project");
  return record;
}

async function said({ store, clock }: CreateDeps, request: z.output<typeof customerRequest>) {
  const { id, name = id, status, metadata, template } = request;
  const policy = toPolicyJson(await withTemplate(store.templates, template, request.policy));
  const now = clock.now();
  return { name, status, metadata, policy, createdAtMs: now, updatedAtMs: now };
}

function exists(what: string): GatewayError {
  return new GatewayError("conflict", `There is a ${what} of this id already. Change it instead.`);
}

function list<T>(data: T[]) {
  return { object: "list" as const, data, has_more: false, next_cursor: null };
}

/** @throws GatewayError `not_found`. */
export function found<T>(record: T | null): T {
  if (record === null) throw new GatewayError("not_found", "There is nothing of this name.");
  return record;
}
