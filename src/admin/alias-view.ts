// An alias as operators are shown it, and as the router takes it.
import { z } from "@hono/zod-openapi";
import type { Alias, AliasRoute, Condition } from "../router/alias.ts";
import type { AliasSource } from "../router/live-aliases.ts";
import type { AliasRecord, AliasStore } from "../store/port.ts";
import {
  type AliasDefinition,
  type AliasRequest,
  aliasDefinition,
  aliasName,
  type ConditionRequest,
  definitionShape,
  type RouteRequest,
} from "./alias-request.ts";
import { validationError } from "./errors.ts";
import { timestamp } from "./schemas.ts";

export const aliasSchema = z
  .strictObject({
    name: aliasName,
    object: z.literal("alias"),
    ...definitionShape,
    source: z.enum(["database", "file"]).openapi({ description: "Where it was declared: the database goes first." }),
    created_at: timestamp.nullable(),
    updated_at: timestamp.nullable(),
  })
  .openapi("Alias");

export type AliasView = z.output<typeof aliasSchema>;

/** The alias as the router takes it. What the route of a rule does not say, it has from the alias. */
export function toAlias({ name, ...request }: AliasRequest): Alias {
  const own = toRoute(request, plain);
  const rules = (request.rules ?? []).map(({ when, then }) => ({ when: toCondition(when), route: toRoute(then, own) }));
  return { name, ...own, rules };
}

/** The aliases of the database as the router takes them, without those that this version can't read. */
export function storedAliases(store: AliasStore, onUnreadable: (name: string, why: string) => void): AliasSource {
  const read = ({ name, definition }: AliasRecord): readonly Alias[] => {
    const { success, data, error } = aliasDefinition.safeParse(definition);
    if (success) return [toAlias({ name, ...data })];
    onUnreadable(name, validationError(error).message);
    return [];
  };
  return { list: async () => (await store.list()).flatMap(read), epoch: () => store.epoch() };
}

/** A stored alias as it was written. */
export function aliasView({ name, definition, createdAtMs, updatedAtMs }: AliasRecord): AliasView {
  return {
    name,
    object: "alias",
    ...(definition as AliasDefinition),
    source: "database",
    created_at: new Date(createdAtMs).toISOString(),
    updated_at: new Date(updatedAtMs).toISOString(),
  };
}

/** An alias of the configuration file. */
export function configuredAliasView({ name, ...definition }: AliasRequest): AliasView {
  return { name, object: "alias", ...definition, source: "file", created_at: null, updated_at: null };
}

const plain: Omit<AliasRoute, "targets"> = { strategy: "ordered", sticky: null, fallbacks: [], preferences: null };

function toRoute(request: RouteRequest, otherwise: Omit<AliasRoute, "targets">): AliasRoute {
  const { targets, strategy, sticky, fallbacks, preferences } = request;
  return {
    targets: targets.map((one) => (typeof one === "string" ? { model: one, weight: 1 } : one)),
    strategy: strategy ?? otherwise.strategy,
    sticky: sticky === undefined ? otherwise.sticky : sticky,
    fallbacks: fallbacks ?? otherwise.fallbacks,
    preferences: preferences === undefined ? otherwise.preferences : toPreferences(preferences),
  };
}

/** An empty list of what is allowed allows everything, as OpenRouter has it. */
function toPreferences(preferences: NonNullable<RouteRequest["preferences"]> | null): AliasRoute["preferences"] {
  if (preferences === null) return null;
  const { only = [], ignore = [], quantizations = [], data_collection, zdr = false, max_price } = preferences;
  return {
    only: only.length === 0 ? null : only,
    ignore,
    quantizations: quantizations.length === 0 ? null : quantizations,
    denyDataCollection: data_collection === "deny",
    zeroDataRetention: zdr,
    maxPrice:
      max_price === undefined || Object.keys(max_price).length === 0 ? null : (max_price as Said<typeof max_price>),
  };
}

function toCondition({ input_tokens, json_schema, key_metadata, ...same }: ConditionRequest): Condition {
  const { above, at_most } = input_tokens ?? {};
  const inputTokens = { ...(above !== undefined && { above }), ...(at_most !== undefined && { atMost: at_most }) };
  return {
    ...(same as Said<typeof same>),
    ...(input_tokens !== undefined && { inputTokens }),
    ...(json_schema !== undefined && { jsonSchema: json_schema }),
    ...(key_metadata !== undefined && { keyMetadata: key_metadata }),
  };
}

/** What was not said is absent: JSON has no `undefined`. */
type Said<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };
