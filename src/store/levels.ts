// Customers, projects and policy templates in SQL. A change of a level moves the keys' epoch: their calls must keep to it.
import { and, asc, eq, getTableColumns, type SQLWrapper, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import { nextEpoch } from "./epoch.ts";
import type { CustomerRecord, CustomerStore, ProjectRecord, ProjectStore, TemplateStore } from "./port-levels.ts";
import { customers, meta, policyTemplates, projects } from "./schema.sqlite.ts";

const EPOCH = "keys_epoch";
const thisEpoch = sql<number>`(select cast(value as integer) from ${meta} where name = ${EPOCH})`;

const { changedInEpoch: _customer, ...customer } = getTableColumns(customers);
const { changedInEpoch: _project, ...project } = getTableColumns(projects);

export function customerStore({ db, atomic }: Driver): CustomerStore {
  const change = (...statements: readonly SQLWrapper[]) => atomic([nextEpoch(EPOCH), ...statements]);
  const get = async (id: string): Promise<CustomerRecord | null> =>
    (await db.select(customer).from(customers).where(eq(customers.id, id)))[0] ?? null;
  return {
    get,
    async create(record) {
      if ((await get(record.id)) !== null) return false;
      await change(
        db
          .insert(customers)
          .values({ ...record, changedInEpoch: thisEpoch })
          .onConflictDoNothing(),
      );
      return true;
    },
    async update(id, changes, atMs) {
      const set = { ...changes, updatedAtMs: atMs, changedInEpoch: thisEpoch };
      await change(db.update(customers).set(set).where(eq(customers.id, id)));
      return get(id);
    },
    async remove(id) {
      if ((await get(id)) === null) return false;
      // Without its row nothing says that its keys have changed: they are touched once more before.
      await change(touchKeys(id, null), db.delete(customers).where(eq(customers.id, id)));
      return true;
    },
    list: async () => db.select(customer).from(customers).orderBy(asc(customers.id)),
  };
}

export function projectStore({ db, atomic }: Driver): ProjectStore {
  const change = (...statements: readonly SQLWrapper[]) => atomic([nextEpoch(EPOCH), ...statements]);
  const named = (of: string, id: string) => and(eq(projects.customer, of), eq(projects.id, id));
  const get = async (of: string, id: string): Promise<ProjectRecord | null> =>
    (await db.select(project).from(projects).where(named(of, id)))[0] ?? null;
  return {
    get,
    async create(record) {
      if ((await get(record.customer, record.id)) !== null) return false;
      await change(
        db
          .insert(projects)
          .values({ ...record, changedInEpoch: thisEpoch })
          .onConflictDoNothing(),
      );
      return true;
    },
    async update(of, id, changes, atMs) {
      const set = { ...changes, updatedAtMs: atMs, changedInEpoch: thisEpoch };
      await change(db.update(projects).set(set).where(named(of, id)));
      return get(of, id);
    },
    async remove(of, id) {
      if ((await get(of, id)) === null) return false;
      await change(touchKeys(of, id), db.delete(projects).where(named(of, id)));
      return true;
    },
    list: async (of) =>
      db
        .select(project)
        .from(projects)
        .where(of === null ? undefined : eq(projects.customer, of))
        .orderBy(asc(projects.customer), asc(projects.id)),
  };
}

export function templateStore({ db, atomic }: Driver): TemplateStore {
  const get: TemplateStore["get"] = async (name) =>
    (await db.select().from(policyTemplates).where(eq(policyTemplates.name, name)))[0] ?? null;
  return {
    get,
    async put(name, policy, atMs) {
      const record = { name, policy, createdAtMs: atMs, updatedAtMs: atMs };
      const set = { policy, updatedAtMs: atMs };
      await atomic([
        db.insert(policyTemplates).values(record).onConflictDoUpdate({ target: policyTemplates.name, set }),
      ]);
      return (await get(name)) ?? record;
    },
    async remove(name) {
      if ((await get(name)) === null) return false;
      await atomic([db.delete(policyTemplates).where(eq(policyTemplates.name, name))]);
      return true;
    },
    list: async () => db.select().from(policyTemplates).orderBy(asc(policyTemplates.name)),
  };
}

function touchKeys(of: string, inProject: string | null): SQLWrapper {
  return sql`update keys set changed_in_epoch = ${thisEpoch}
    where customer = ${of} and (${inProject} is null or project = ${inProject})`;
}
