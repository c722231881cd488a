// A database as it is after a busy year: calls with their roll-ups, a charge for each of them, keys, customers, a trail of what
// administrators did, and logged prompts.
import Client from "better-sqlite3";
import { openTrail } from "../../../src/auditing.ts";
import { readGround, unlockVault } from "../../../src/house.node.ts";
import { openPromptLibrary } from "../../../src/prompts/library.ts";
import { openSqlite } from "../../../src/store/sqlite.ts";

export interface Amounts {
  readonly calls: number;
  readonly keys: number;
  readonly auditEntries: number;
  readonly promptLogs: number;
}

const dayMs = 86_400_000;
const customers = 1_000;

/** Makes it in a folder, with a master key beside it. */
export async function seed(folder: string, amounts: Amounts): Promise<void> {
  const ground = readGround({ TURNPIKE_DATABASE_URL: `file:${folder}/turnpike.db`, TURNPIKE_LOG_LEVEL: "error" });
  const { clock, location } = ground;
  const store = await openSqlite(location.path);
  const { masterKey } = await unlockVault(ground, store);
  const toMs = Date.now();
  writeRows(location.path, { ...amounts, fromMs: toMs - 365 * dayMs, toMs });
  const onError = (error: unknown): never => {
    throw error;
  };
  const trail = await openTrail({ store, masterKey, clock, alerts: null, onError });
  const changed = { name: "a key", policy: { models: ["openai/*"], limits: [{ requests: 100, per: "minute" }] } };
  for (let done = 0; done < amounts.auditEntries; done += 500) {
    await trail.append(
      Array.from({ length: 500 }, (_, at) => ({
        event: {
          action: at % 3 === 0 ? "key.create" : "key.update",
          actor: { type: "admin", id: `admin_${at % 20}`, name: `Admin ${at % 20}` },
          target: { type: "key", id: `key_${done + at}` },
          outcome: "success",
          ...{
            requestId: `req_${done + at}`,
            address: "192.0.2.1",
            userAgent: "bench",
            before: changed,
            after: changed,
          },
        },
      })),
    );
  }
  await trail.close();
  const library = openPromptLibrary({ prompts: store.prompts, masterKey, clock });
  const logged = { request: "word ".repeat(2_000), response: "", status: 200, truncated: false } as const;
  for (let at = 0; at < amounts.promptLogs; at++) {
    const whose = { customer: `customer_${at % 10}`, project: "p", keyId: `key_${at % 10}`, operation: "chat" };
    // They are to be swept at the gateway's start.
    const times = { createdAtMs: toMs - dayMs, expiresAtMs: toMs - 1 };
    await library.keep(
      { id: `req_${at}`, model: "openai/gpt-4o", ...whose, ...times },
      { ...logged, redacted: "none" },
    );
  }
  await store.close();
}

interface Rows extends Amounts {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Written by SQLite itself; the trigger of the calls rolls them up. */
function writeRows(path: string, { calls, keys, fromMs, toMs }: Rows): void {
  const client = new Client(path);
  client.pragma("synchronous = OFF");
  client.pragma("cache_size = -1000000");
  client.exec(`
    insert into customers (id, name, status, policy, metadata, prepaid, created_at_ms, updated_at_ms, changed_in_epoch)
    with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${customers})
    select 'customer_' || i, 'Customer ' || i, 'active', '{}', '{}', 1, ${fromMs}, ${fromMs}, 0 from n;
    insert into keys (id, name, customer, project, environment, hint, status, metadata, created_at_ms, changed_in_epoch)
    with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${keys})
    select printf('key_%08d', i), 'Key ' || i, 'customer_' || (i % ${customers}), 'project_' || (i % 2), 'live', 'tp_…' || i, 'active',
      json_object('team', 'team_' || (i % 50)), ${fromMs}, 0 from n;
    insert into key_secrets (digest, key_id, created_at_ms, hint) select 'digest_' || id, id, created_at_ms, hint from keys;
    insert into calls (id, key_id, customer, project, operation, dialect, requested_model, stream, opened_at_ms, estimated_input_tokens)
    with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${calls}),
    r as (select i, cast(${keys} * pow(${scattered(2654435761)} / 16777216.0, 3) as integer) key from n)
    select printf('req_%08x%022x', i * 2654435761 % 4294967296, i), printf('key_%08d', key), 'customer_' || (key % ${customers}),
      'project_' || (key % 2), 'chat', 'openai-chat', 'gpt-5-mini', 0, ${fromMs} + cast(${toMs - fromMs} * (i + 0.0) / ${calls} as integer),
      100 from r;
    update calls set outcome = 'completed', http_status = 200, provider = 'openai', model = 'model-' || (rowid % 24),
      canonical_model = 'vendor/model-' || (rowid % 24), finish_reason = 'stop', input_tokens = 100, output_tokens = 50, estimated = 0,
      cost_nanos = 250000, charged_nanos = 300000, prepaid = 1, attempts = '[]', settled_at_ms = opened_at_ms + 900, duration_ms = 900;
    insert into ledger_entries (id, at_ms, customer, kind, amount_nanos, counter_account)
    select id, settled_at_ms, customer, 'charge', -charged_nanos, 'revenue' from calls;
    insert into ledger_entries (id, at_ms, customer, kind, amount_nanos, counter_account, reason, actor)
    select 'topup_' || id, ${fromMs}, id, 'top_up', 1000000000000, 'cash', 'bench', 'admin' from customers;
    analyze;
  `);
  client.pragma("wal_checkpoint(TRUNCATE)");
  client.close();
}

/** A number of 24 bits for each row, the same wherever it is asked for. */
function scattered(factor: number): string {
  return `(i * ${factor} % 4294967296 >> 8)`;
}
