// /admin/v1/keys/bulk and /revoke-leaked: many keys at once.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { parseKey } from "../keys/format.ts";
import { revokeKey } from "../keys/revoke.ts";
import type { KeyQuery, KeyRecord, KeyStore } from "../store/port.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { json, keyRequest } from "./keys.ts";
import { errors, idempotencyHeader } from "./schemas.ts";

const tags = ["keys"];
const pageSize = 1_000;

/** What is to be done to which keys: to those that all of the selectors mean. */
export const bulkRequest = z
  .strictObject({
    action: z.enum(["revoke", "suspend", "resume"]),
    ids: z.array(z.string().max(64)).min(1).max(1_000).optional(),
    customer: z.string().min(1).max(100).optional(),
    project: z.string().min(1).max(100).optional(),
    metadata: keyRequest.shape.metadata
      .unwrap()
      .refine((metadata) => Object.keys(metadata).length > 0, "name at least one member")
      .optional(),
    dry_run: z.boolean().default(false).openapi({ description: "Tells whom it would meet, and changes nothing." }),
  })
  .refine(
    ({ ids, customer, project, metadata }) => [ids, customer, project, metadata].some((one) => one !== undefined),
    "say which keys: by `ids`, `customer`, `project` or `metadata`",
  )
  .openapi("BulkRequest");

const bulk = createRoute({
  method: "post",
  path: "/keys/bulk",
  tags,
  summary: "Revoke, suspend or resume many keys",
  description: "Those that all of the selectors mean. Keys that are revoked, or are as wanted already, are left alone.",
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { "application/json": { schema: bulkRequest } } },
  },
  responses: {
    200: json(
      z
        .object({
          object: z.literal("bulk"),
          action: bulkRequest.shape.action,
          dry_run: z.boolean(),
          count: z.number(),
          ids: z.array(z.string()).openapi({ description: "Of the keys that were changed, or would be." }),
          missing: z.array(z.string()).openapi({ description: "Of `ids`, those that there is no key for." }),
        })
        .openapi("BulkResult"),
      "What was done.",
    ),
    ...errors(400, 401, 403, 409, 413, 415, 429),
  },
});

const leaked = createRoute({
  method: "post",
  path: "/keys/revoke-leaked",
  tags,
  summary: "Revoke keys by secrets that were found somewhere",
  description:
    "For reports of scanners. A text that is no key by its checksum is `malformed`; one that is no key of this installation, or whose key " +
    "was removed, is `unknown`. An old secret of a rotation counts as its key. The secrets are neither kept nor shown again.",
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({ secrets: z.array(z.string().max(500)).min(1).max(1_000) }).openapi("LeakReport"),
        },
      },
    },
  },
  responses: {
    200: json(
      z
        .object({
          object: z.literal("leak_report"),
          data: z.array(
            z.object({
              index: z.number(),
              result: z.enum(["revoked", "unknown", "malformed"]),
              key_id: z.string().nullable(),
            }),
          ),
        })
        .openapi("LeakResult"),
      "What became of each, in the order of the request.",
    ),
    ...errors(400, 401, 403, 409, 413, 415, 429),
  },
});

export const keyBulkRoutes = [bulk, leaked];

export function mountKeyBulk(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { digest, clock } = deps;
  const { keys } = deps.store;
  const onChange = (id: string) => deps.ring.forget(id);

  app.openapi(bulk, async (c) => {
    const { action, dry_run, ...selectors } = c.req.valid("json");
    const { meant, missing } = await select(keys, selectors);
    const wanted = { revoke: "revoked", suspend: "suspended", resume: "active" }[action];
    const ids = meant.filter(({ status }) => status !== "revoked" && status !== wanted).map(({ id }) => id);
    for (const id of dry_run ? [] : ids) {
      if (action === "revoke") await keys.revoke(id, clock.now());
      else await keys.update(id, { status: action === "suspend" ? "suspended" : "active" });
      onChange(id);
    }
    const view = { object: "bulk" as const, action, dry_run, count: ids.length, ids, missing };
    c.set("replay", view);
    return c.json(view, 200);
  });

  app.openapi(leaked, async (c) => {
    const data: { index: number; result: "revoked" | "unknown" | "malformed"; key_id: string | null }[] = [];
    for (const [index, secret] of c.req.valid("json").secrets.entries()) {
      if (parseKey(secret)?.kind !== "customer") {
        data.push({ index, result: "malformed", key_id: null });
        continue;
      }
      const entry = await keys.findByDigest(digest(secret));
      const key = entry === null ? null : await revokeKey({ keys, clock, onChange }, entry.key.id);
      if (key !== null) {
        const message = `A secret of the key "${key.name}" of ${key.customer} was found elsewhere. The key is revoked.`;
        deps.notifying.alerts.raise("key_leaked", key.id, message);
      }
      data.push({ index, result: key === null ? "unknown" : "revoked", key_id: key?.id ?? null });
    }
    const view = { object: "leak_report" as const, data };
    c.set("replay", view);
    return c.json(view, 200);
  });
}

type Selectors = Omit<z.output<typeof bulkRequest>, "action" | "dry_run">;

/** The keys that all selectors mean. */
async function select(
  keys: KeyStore,
  { ids, customer, project, metadata }: Selectors,
): Promise<{ readonly meant: readonly KeyRecord[]; readonly missing: readonly string[] & string[] }> {
  const fits = (key: KeyRecord): boolean =>
    (customer === undefined || key.customer === customer) &&
    (project === undefined || key.project === project) &&
    Object.entries(metadata ?? {}).every(
      ([name, value]) => Object.hasOwn(key.metadata, name) && key.metadata[name] === value,
    );
  if (ids !== undefined) {
    const named = await Promise.all([...new Set(ids)].map(async (id) => [id, await keys.get(id)] as const));
    return {
      meant: named.flatMap(([, key]) => (key !== null && fits(key) ? [key] : [])),
      missing: named.flatMap(([id, key]) => (key === null ? [id] : [])),
    };
  }
  const query: KeyQuery = {
    limit: pageSize,
    ...(customer !== undefined && { customer }),
    ...(project !== undefined && { project }),
    ...(metadata !== undefined && { metadata }),
  };
  const meant: KeyRecord[] = [];
  let page = await keys.list(query);
  meant.push(...page.data);
  while (page.nextCursor !== null) {
    page = await keys.list({ ...query, cursor: page.nextCursor });
    meant.push(...page.data);
  }
  return { meant, missing: [] };
}
