// The identity providers at which administrators sign in, as the environment names them.
import { z } from "zod";

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== ""),
  );

/** `group=role`s, of which the first that fits counts. A group may have `=` in its name, a role has none. */
const mapping = list.pipe(
  z.array(
    z
      .string()
      .regex(/^.+=[^=]+$/, "expected group=role, with commas between them")
      .transform((text) => ({
        group: text.slice(0, text.lastIndexOf("=")),
        role: text.slice(text.lastIndexOf("=") + 1),
      })),
  ),
);

const entry = z.object({
  ISSUER: z
    .url({ protocol: /^https?$/, error: "expected the issuer's URL" })
    .refine(isSafe, "expected https; http is for this machine alone"),
  CLIENT_ID: z.string("expected the id of the client that is registered there"),
  CLIENT_SECRET: z.string().optional(),
  SCOPES: z.string().default("openid profile email"),
  /** Dots lead into objects: `realm_access.roles`. */
  GROUPS_CLAIM: z.string().default("groups"),
  ROLES: mapping,
  DEFAULT_ROLE: z.string().optional(),
  DOMAINS: list,
  SUBJECTS: list,
});

export interface OidcSettings {
  /** In URLs: `okta`. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scopes: string;
  readonly groupsClaim: string;
  readonly roles: readonly { readonly group: string; readonly role: string }[];
  /** Of those who are in none of the groups; null keeps them out. */
  readonly defaultRole: string | null;
  /** Of e-mail addresses that the provider has verified; empty for any. */
  readonly domains: readonly string[];
  /** Subjects; empty for any. */
  readonly subjects: readonly string[];
}

const variable =
  /^TURNPIKE_OIDC_(?:([A-Z0-9]+)_)?(ISSUER|CLIENT_ID|CLIENT_SECRET|SCOPES|GROUPS_CLAIM|ROLES|DEFAULT_ROLE|DOMAINS|SUBJECTS)$/;
/** Of the provider whose variables have no name in them. */
const unnamed = "sso";

/**
 * Reads `TURNPIKE_OIDC_ISSUER`, … and for further providers `TURNPIKE_OIDC_<NAME>_ISSUER`, ….
 * @throws what `fail` makes of the problems, each with the name of its variable and without its value.
 */
export function readOidcSettings(
  env: Readonly<Record<string, string | undefined>>,
  fail: (problems: readonly string[]) => Error,
): readonly OidcSettings[] {
  const found = new Map<string, Record<string, string>>();
  for (const [name, value] of Object.entries(env)) {
    const [, of = "", member = ""] = variable.exec(name) ?? [];
    if (member === "" || value === undefined || value === "") continue;
    found.set(of, { ...found.get(of), [member]: value });
  }
  const problems: string[] = [];
  const settings = [...found].flatMap(([of, members]): OidcSettings[] => {
    const parsed = entry.safeParse(members);
    if (!parsed.success) {
      const prefix = of === "" ? "TURNPIKE_OIDC_" : `TURNPIKE_OIDC_${of}_`;
      problems.push(...parsed.error.issues.map(({ path, message }) => `${prefix}${String(path[0])}: ${message}`));
      return [];
    }
    const value = parsed.data;
    return [
      {
        name: of === "" ? unnamed : of.toLowerCase(),
        issuer: value.ISSUER,
        clientId: value.CLIENT_ID,
        clientSecret: value.CLIENT_SECRET ?? null,
        scopes: value.SCOPES,
        groupsClaim: value.GROUPS_CLAIM,
        roles: value.ROLES,
        defaultRole: value.DEFAULT_ROLE ?? null,
        domains: value.DOMAINS.map((domain) => domain.toLowerCase()),
        subjects: value.SUBJECTS,
      },
    ];
  });
  if (problems.length > 0) throw fail(problems);
  return settings;
}

function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}
