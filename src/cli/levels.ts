// `turnpike customers`, `projects`, `templates`: the same operations as under /admin/v1, on the database itself.
import { changePricing } from "../admin/credits.ts";
import { pricingRequest } from "../admin/credits-view.ts";
import {
  customerRequest,
  customerView,
  levelPatch,
  projectRequest,
  projectView,
  templateRequest,
  templateView,
  toLevelChanges,
} from "../admin/level-view.ts";
import { createCustomer, createProject, removeCustomer } from "../admin/levels.ts";
import { toPolicyJson } from "../admin/policy-view.ts";
import { withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked, metadataOf, parseJson } from "./keys.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

export interface SaidOptions extends Json {
  readonly name?: string;
  readonly status?: string;
  readonly policy?: string;
  readonly metadata?: readonly string[];
}

export async function setCustomerCommand(io: Io, id: string, options: SaidOptions): Promise<void> {
  const said = saidBy(options);
  await withInstallation(io, async ({ store, clock }) => {
    const { customers } = store;
    const standing = await customers.get(id);
    const record =
      standing === null
        ? await createCustomer({ store, clock }, checked(customerRequest, { id, ...said }))
        : await customers.update(id, toLevelChanges(checked(levelPatch, said)), clock.now());
    if (record === null) throw nothing(id);
    if (options.json) return printJson(io, customerView(record));
    io.out(`${id} is ${record.status}.\n`);
  });
}

export async function listCustomersCommand(io: Io, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store }) => {
    const data = (await store.customers.list()).map(customerView);
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    io.out(table(["id", "name", "status", "price_percent", "prepaid", "policy", "updated_at"], data.map(shown)));
  });
}

export interface PricingOptions extends Json {
  readonly pricePercent?: string;
  readonly prepaid?: boolean;
}

export async function pricingCommand(
  io: Io,
  id: string,
  { pricePercent, prepaid, json }: PricingOptions,
): Promise<void> {
  const request = checked(pricingRequest, {
    ...(pricePercent !== undefined && { price_percent: pricePercent }),
    ...(prepaid !== undefined && { prepaid }),
  });
  await withInstallation(io, async ({ store: { customers }, clock }) => {
    const view = await changePricing({ customers, clock }, id, request);
    if (json) return printJson(io, view);
    const how = view.prepaid ? "in advance" : "afterwards";
    io.out(`${id} is charged ${view.price_percent} for each 100 of cost, and pays ${how}.\n`);
  });
}

export async function deleteCustomerCommand(io: Io, id: string, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store }) => {
    if (!(await removeCustomer(store, id))) throw nothing(id);
    if (json) return printJson(io, { deleted: true });
    io.out(`Nothing is said of ${id} any more.\n`);
  });
}

export async function setProjectCommand(io: Io, customer: string, id: string, options: SaidOptions): Promise<void> {
  const said = saidBy(options);
  await withInstallation(io, async ({ store, clock }) => {
    const { projects } = store;
    const standing = await projects.get(customer, id);
    const record =
      standing === null
        ? await createProject({ store, clock }, checked(projectRequest, { customer, id, ...said }))
        : await projects.update(customer, id, toLevelChanges(checked(levelPatch, said)), clock.now());
    if (record === null) throw nothing(id);
    if (options.json) return printJson(io, projectView(record));
    io.out(`${customer}/${id} is ${record.status}.\n`);
  });
}

export async function listProjectsCommand(io: Io, { json, customer }: Json & { customer?: string }): Promise<void> {
  await withInstallation(io, async ({ store }) => {
    const data = (await store.projects.list(customer ?? null)).map(projectView);
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    io.out(table(["customer", "id", "name", "status", "policy", "updated_at"], data.map(shown)));
  });
}

export async function deleteProjectCommand(io: Io, customer: string, id: string, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store }) => {
    if (!(await store.projects.remove(customer, id))) throw nothing(`${customer}/${id}`);
    if (json) return printJson(io, { deleted: true });
    io.out(`Nothing is said of ${customer}/${id} any more.\n`);
  });
}

export async function setTemplateCommand(io: Io, name: string, policy: string, { json }: Json): Promise<void> {
  const request = checked(templateRequest, { name, policy: parseJson("<policy>", policy) });
  await withInstallation(io, async ({ store, clock }) => {
    const record = await store.templates.put(name, toPolicyJson(request.policy), clock.now());
    if (json) return printJson(io, templateView(record));
    io.out(`Wrote ${name}.\n`);
  });
}

export async function listTemplatesCommand(io: Io, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store }) => {
    const data = (await store.templates.list()).map(templateView);
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    io.out(table(["name", "policy", "updated_at"], data.map(shown)));
  });
}

export async function deleteTemplateCommand(io: Io, name: string, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store }) => {
    if (!(await store.templates.remove(name))) throw nothing(name);
    if (json) return printJson(io, { deleted: true });
    io.out(`Removed ${name}.\n`);
  });
}

function saidBy({ name, status, policy, metadata }: SaidOptions): Record<string, unknown> {
  return {
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(policy !== undefined && { policy: parseJson("--policy", policy) }),
    ...(metadata !== undefined && { metadata: metadataOf(metadata) }),
  };
}

function shown<T extends { readonly policy: unknown }>(view: T): Omit<T, "policy"> & { readonly policy: string } {
  return { ...view, policy: JSON.stringify(view.policy) };
}

function nothing(name: string): CommandError {
  return new CommandError(`Nothing is said of ${name.slice(0, 200)}.`);
}
