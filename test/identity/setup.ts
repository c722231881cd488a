// A gateway, an issuer, and the calls of a workload between them.
import { join } from "node:path";
import { expect } from "vitest";
import type { AuditEntry } from "../../src/audit/entry.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import type { Gateway } from "../support/gateway.ts";

export const exchangeForm = {
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function exchange(
  { url }: Pick<Gateway, "url">,
  token: string,
  more: Readonly<Record<string, string>> | string[][] = {},
): Promise<Answer> {
  const form = new URLSearchParams({ ...exchangeForm, subject_token: token });
  for (const [name = "", value = ""] of Array.isArray(more) ? more : Object.entries(more)) form.append(name, value);
  const response = await fetch(`${url}/v1/token`, { method: "POST", body: form });
  return answerOf(response);
}

export async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
}

export async function admin(
  { url, adminKey }: Pick<Gateway, "url" | "adminKey">,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return answerOf(
    await fetch(`${url}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
}

/** Makes a rule; resolves to its id. */
export async function makeRule(gateway: Gateway, rule: Readonly<Record<string, unknown>>): Promise<string> {
  const usual = {
    name: "shop-ci",
    audiences: ["turnpike"],
    subjects: ["repo:acme/shop:*"],
    customer: "acme",
    project: "shop",
  };
  const made = await admin(gateway, "POST", "/rules", { ...usual, ...rule });
  expect(made.body).toMatchObject({ object: "rule" });
  return String(made.body.id);
}

export async function call({ url }: Pick<Gateway, "url">, key: string): Promise<Answer> {
  return answerOf(
    await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "sandbox/echo", max_tokens: 20, messages: [{ role: "user", content: "Hello" }] }),
    }),
  );
}

/** What the trail of a gateway says, oldest first. */
export async function trailOf({ folder }: Pick<Gateway, "folder">): Promise<readonly AuditEntry[]> {
  const store = await openSqlite(join(folder, "turnpike.db"));
  const rows = await store.audit.scan(0, 10_000);
  await store.close();
  return rows.map(({ body }) => JSON.parse(body) as AuditEntry);
}
