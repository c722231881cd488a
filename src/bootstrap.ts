// The first start: an administrator and a customer's key come into being, once, and are shown once.
import type { Clock } from "./clock.ts";
import { ConfigError } from "./config.ts";
import type { Digest } from "./keys/digest.ts";
import { generateAdminKey, hintOf, parseKey } from "./keys/format.ts";
import { issueKey } from "./keys/issue.ts";
import { checkMasterKey } from "./keys/master-key-check.ts";
import type { Store } from "./store/port.ts";
import type { NewAdmin } from "./store/port-admins.ts";

/** The secrets of a first start. They are stored nowhere. */
export interface FirstStart {
  readonly adminKey: string;
  readonly customerKey: string;
}

export interface BootstrapOptions {
  readonly store: Store;
  readonly digest: Digest;
  readonly clock: Clock;
  /** TURNPIKE_ADMIN_KEY; null when it is not set. */
  readonly adminKey: string | null;
}

/** The administrator that every installation begins with. Its key is TURNPIKE_ADMIN_KEY, else the one shown once. */
const firstAdminId = "adm_first";

/**
 * Makes sure that there is an administrator. With TURNPIKE_ADMIN_KEY that is its key, from this start on and instead of
 * any earlier one. Without it, the first start ever makes a key for the administrator and one for a first customer;
 * resolves to them, and to null on every other start.
 * @throws ConfigError when TURNPIKE_ADMIN_KEY is no administrator's key, or the master key is not this database's.
 */
export async function bootstrap({ store, digest, clock, adminKey }: BootstrapOptions): Promise<FirstStart | null> {
  await checkMasterKey(store.meta, digest);
  if (adminKey !== null) {
    await adopt(adminKey, { store, digest, clock });
    return null;
  }
  const made = generateAdminKey();
  if (!(await store.admins.createFirst(firstAdmin(made, digest, clock)))) return null;
  const first = await issueKey(
    { keys: store.keys, digest, clock },
    {
      name: "first-key",
      customer: "default",
      project: "default",
      environment: "live",
      expiresAtMs: null,
      metadata: {},
    },
  );
  return { adminKey: made, customerKey: first.secret };
}

async function adopt(key: string, { store, digest, clock }: Omit<BootstrapOptions, "adminKey">): Promise<void> {
  if (parseKey(key)?.kind !== "admin") {
    throw new ConfigError("TURNPIKE_ADMIN_KEY: expected an administrator's key; `turnpike keys admin` makes one");
  }
  if ((await store.admins.findByDigest(digest(key))) !== null) return;
  await store.admins.put(firstAdmin(key, digest, clock));
}

function firstAdmin(key: string, digest: Digest, clock: Clock): NewAdmin {
  return {
    id: firstAdminId,
    name: "first administrator",
    role: "owner",
    hint: hintOf(key),
    digest: digest(key),
    createdAtMs: clock.now(),
    revokedAtMs: null,
  };
}

/** What a first start says: the two keys, and a request to try at once. */
export function formatFirstStart(first: FirstStart, url: string, options: { readonly sandbox: boolean }): string {
  return [
    "",
    "  Welcome to Turnpike. These two keys are shown this once: keep them.",
    "",
    `    administrator  ${first.adminKey}`,
    `    first key      ${first.customerKey}`,
    "",
    "  The first key calls models. The administrator's key manages keys, at /admin/v1, and calls none.",
    `  ${options.sandbox ? "Try it: the sandbox answers without any provider." : "See which models it can call:"}`,
    "",
    ...(options.sandbox
      ? sandboxCall(first, url)
      : [`    curl ${url}/v1/models -H "Authorization: Bearer ${first.customerKey}"`]),
    "",
    "",
  ].join("\n");
}

function sandboxCall(first: FirstStart, url: string): string[] {
  const body = { model: "sandbox/echo", messages: [{ role: "user", content: "Hello" }] };
  return [
    `    curl ${url}/v1/chat/completions \\`,
    `      -H "Authorization: Bearer ${first.customerKey}" \\`,
    '      -H "Content-Type: application/json" \\',
    `      -d '${JSON.stringify(body)}'`,
  ];
}
