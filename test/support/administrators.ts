// Administrators of a test's own, beside the owner that it begins with.
import type { AdminServer } from "./admin.ts";

export interface Admin {
  readonly id: string;
  readonly key: string;
  /** As `AdminServer.request`, by this administrator. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Makes an administrator by the owner's request; `over` is of the request's body. */
export async function makeAdmin(server: AdminServer, role: string, over: Record<string, unknown> = {}): Promise<Admin> {
  const made = await server.request("POST", "/admins", { name: role, role, ...over });
  if (made.status !== 201) throw new Error(`no administrator was made: ${await made.text()}`);
  const { id, key } = (await made.json()) as { id: string; key: string };
  return by(server, id, key);
}

/** Whoever holds this key or token. */
export function by(server: AdminServer, id: string, key: string): Admin {
  return {
    id,
    key,
    request: (method, path, body, headers = {}) =>
      server.request(method, path, body, { authorization: `Bearer ${key}`, ...headers }),
  };
}
