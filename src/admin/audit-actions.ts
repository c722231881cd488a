// What a request of administrators is called in the trail, and what it acts on: read off the table of endpoints.
import { TrieRouter } from "hono/router/trie-router";
import { endpoints, type Method, type Permission } from "./endpoints.ts";

/** A request, as the trail names it. */
export interface AdminAction {
  /** `key.rotate` */
  readonly action: string;
  readonly permission: Permission;
  /** `key` */
  readonly type: string;
  /** Of what it acts on; null where its path names nothing, as of one that is made or of many. */
  readonly id: string | null;
  /** Where what it acts on is read, below `/admin/v1`; null where nothing is. */
  readonly view: string | null;
  /** The pattern of the path of what it makes; null where it makes nothing that has one. */
  readonly made: string | null;
}

const verbs: Readonly<Record<Method, string>> = {
  GET: "read",
  POST: "create",
  PUT: "update",
  PATCH: "update",
  DELETE: "delete",
};

const router = new TrieRouter<readonly [pattern: string, permission: Permission]>();
for (const [pattern, methods] of Object.entries(endpoints)) {
  for (const [method, permission] of Object.entries(methods)) router.add(method, pattern, [pattern, permission]);
}

/** The action of a request; null where there is no such endpoint. @param path below `/admin/v1`, as it came. */
export function actionOf(method: string, path: string): AdminAction | null {
  const [matches] = router.match(method, path);
  const [[pattern, permission] = [], params] = matches[0] ?? [];
  if (pattern === undefined || permission === undefined) return null;
  const segments = segmentsOf(pattern);
  const resource = segments[0] ?? "";
  const given = segments
    .filter(isParam)
    .map((one) => decode(String((params as Params | undefined)?.[nameOf(one)] ?? "")));
  const item = itemOf(resource);
  const isOfOne = item !== null && pattern.startsWith(item);
  return {
    action: actionName(method as Method, pattern),
    permission,
    type: singular(resource),
    id: given.length === 0 ? null : given.join("/"),
    view: isOfOne && isReadable(item) ? addressed(item, given) : null,
    made: method === "POST" && segments.length === 1 ? item : null,
  };
}

/** How the trail names what an endpoint does. */
export function actionName(method: Method, pattern: string): string {
  const [resource = "", ...rest] = segmentsOf(pattern).filter((one) => !isParam(one));
  const verb = method === "POST" && rest.length > 0 ? [] : [verbs[method]];
  return [singular(resource), ...rest, ...verb].join(".");
}

/** Where what was made is read, and its id, from the members of the answer that its path is made of. */
export function madeAt(item: string, answer: unknown): { readonly id: string; readonly view: string | null } | null {
  if (typeof answer !== "object" || answer === null) return null;
  const values = segmentsOf(item)
    .filter(isParam)
    .map((one) => (answer as Readonly<Record<string, unknown>>)[nameOf(one)]);
  if (!values.every((value) => typeof value === "string")) return null;
  return { id: values.join("/"), view: isReadable(item) ? addressed(item, values) : null };
}

type Params = Readonly<Record<string, string>>;

/** The path of one of a resource: `/projects/:customer/:id`; null where they have none. */
function itemOf(resource: string): string | null {
  const isItem = (pattern: string): boolean => {
    const [first, ...rest] = segmentsOf(pattern);
    return first === resource && rest.length > 0 && rest.every(isParam);
  };
  return Object.keys(endpoints).find(isItem) ?? null;
}

function isReadable(item: string): boolean {
  return endpoints[item]?.GET !== undefined;
}

/** A path with its parameters filled in, in their order. */
function addressed(item: string, values: readonly string[]): string {
  let next = 0;
  const filled = segmentsOf(item).map((one) => (isParam(one) ? encodeURIComponent(values[next++] ?? "") : one));
  return `/${filled.join("/")}`;
}

/** `keys` → `key`, `aliases` → `alias`, `policy-templates` → `policy-template`. */
function singular(resource: string): string {
  return resource.replace(/ies$/, "y").replace(/(?<=alias)es$|(?<!s)s$/, "");
}

function segmentsOf(pattern: string): readonly string[] {
  return pattern.split("/").slice(1);
}

function isParam(segment: string): boolean {
  return segment.startsWith(":");
}

/** `:name{.+}` → `name` */
function nameOf(segment: string): string {
  return segment.slice(1).replace(/\{.*$/, "");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
