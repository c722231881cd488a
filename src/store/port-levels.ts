// What the store keeps of customers, projects and policy templates, as the rooms above see it.
import type { PolicyJson } from "./policy.ts";

export type LevelStatus = "active" | "suspended";

/** What a customer or a project says of all its keys. */
export interface Level {
  readonly status: LevelStatus;
  readonly policy: PolicyJson;
}

/** What a customer says of all its keys. */
export interface CustomerLevel extends Level {
  readonly pricePercent: string;
  /** What credits it was granted, nanodollars; null when it does not pay in advance. */
  readonly creditNanos: bigint | null;
}

/** Something that the operator has said of a customer. A key may name one that nobody has said anything of. */
export interface CustomerRecord extends Level {
  /** As keys name it. */
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What it is charged for each 100 of cost: `120` is a mark-up of 20 %, `90` a discount of 10 %. Exact decimal. */
  readonly pricePercent: string;
  /** Whether its calls are paid for from credits: without any, none is let in. */
  readonly prepaid: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type CustomerChanges = Partial<
  Pick<CustomerRecord, "name" | "status" | "policy" | "metadata" | "pricePercent" | "prepaid">
>;

export interface CustomerStore {
  get(id: string): Promise<CustomerRecord | null>;
  /** False when there is one with this id. */
  create(record: CustomerRecord): Promise<boolean>;
  /** Resolves to what stands; null when there is none. */
  update(id: string, changes: CustomerChanges, atMs: number): Promise<CustomerRecord | null>;
  /** Forgets what was said of it; its keys and calls stay. */
  remove(id: string): Promise<boolean>;
  /** All of them, by id. */
  list(): Promise<readonly CustomerRecord[]>;
}

export interface ProjectRecord extends Level {
  readonly customer: string;
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type ProjectChanges = Partial<Pick<ProjectRecord, "name" | "status" | "policy" | "metadata">>;

export interface ProjectStore {
  get(customer: string, id: string): Promise<ProjectRecord | null>;
  create(record: ProjectRecord): Promise<boolean>;
  update(customer: string, id: string, changes: ProjectChanges, atMs: number): Promise<ProjectRecord | null>;
  remove(customer: string, id: string): Promise<boolean>;
  /** Those of a customer, or all. */
  list(customer: string | null): Promise<readonly ProjectRecord[]>;
}

export interface TemplateRecord {
  readonly name: string;
  readonly policy: PolicyJson;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface TemplateStore {
  get(name: string): Promise<TemplateRecord | null>;
  /** Writes the template, instead of an earlier one of the same name; what was made from that stays as it is. */
  put(name: string, policy: PolicyJson, atMs: number): Promise<TemplateRecord>;
  remove(name: string): Promise<boolean>;
  list(): Promise<readonly TemplateRecord[]>;
}
