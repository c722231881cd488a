// The section `providers` of the configuration file: servers of the operator's own, and known providers that are reached elsewhere.
import { z } from "zod";
import { type Environment, type Provider, variable } from "../../providers/define.ts";
import {
  type Description,
  describedDialects,
  describedEndpoints,
  describedProvider,
  withDescription,
} from "../../providers/described.ts";
import { isReference, parseReference } from "../vault/references/reference.ts";
import type { Complain } from "./section.ts";

const noSecrets =
  "write where the key stands: env:NAME for a variable, file:/path, or a reference to a secrets manager (docs/secret-references.md); a key itself has no place in this file";
/** Headers that hold credentials. */
const secretHeaders = /^(authorization|proxy-authorization|cookie|(x-)?(goog-)?api-key)$/i;

const quirks = z
  .strictObject({
    max_tokens_field: z.enum(["max_tokens", "max_completion_tokens"]),
    developer_role: z.boolean(),
    reasoning_field: z.enum(["reasoning_content", "reasoning", "reasoning_details"]),
    reasoning_parameter: z.enum(["reasoning_effort", "reasoning", "thinking", "enable_thinking"]),
    stream_options: z.boolean(),
    top_k: z.boolean(),
    think_tags: z.boolean(),
    alternating_roles: z.boolean(),
    unsupported: z.array(
      z.enum([
        "choices",
        "logprobs",
        "logit_bias",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "stop",
        "user",
        "tools",
        "tool_choice",
        "json_schema",
      ]),
    ),
  })
  .partial();

const entry = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  base_url: z
    .url({ protocol: /^https?$/, error: "expected an http:// or https:// URL" })
    .refine((url) => !/[?#]|\/\/[^/]*@/.test(url), "expected a URL without a query, a fragment or credentials")
    .optional(),
  dialect: z.enum(describedDialects).optional(),
  api_key: z.string().refine(isReference, noSecrets).optional(),
  api_key_header: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, "expected the name of a header")
    .optional(),
  headers: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9-]+$/, "expected the name of a header")
        .refine(
          (name) => !secretHeaders.test(name),
          "holds a credential: name it as `api_key`, with `api_key_header` if need be",
        ),
      z.string().regex(/^[\t\x20-\x7e]*$/, "expected visible ASCII characters"),
    )
    .optional(),
  endpoints: z.array(z.enum(describedEndpoints)).optional(),
  quirks: quirks.optional(),
  data_policy: z
    .strictObject({ collects: z.boolean().nullable().default(null), retains: z.boolean().nullable().default(null) })
    .optional(),
});

/** By id. */
export const providersSection = z
  .record(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "expected lower-case letters, digits and single hyphens"), entry)
  .default({});

type Entry = z.output<typeof entry>;

export interface Described {
  /** Those of the registry as the file has them, and the file's own. */
  readonly registry: readonly Provider[];
  /** The environment, with the base URLs of the file where it names none. */
  readonly env: Environment;
}

/** Applies the section. What is wrong is told, with no secret in it. */
export function readProviders(
  section: z.output<typeof providersSection>,
  { registry, env }: Described,
  complain: Complain,
): Described {
  const urls: Record<string, string> = {};
  const known = new Map(registry.map((provider) => [provider.id, provider]));
  for (const [id, described] of Object.entries(section)) {
    const provider = place(id, described);
    if (provider === null) continue;
    known.set(id, provider);
    if (described.base_url !== undefined) urls[provider.baseUrlEnv] = described.base_url;
  }
  return { registry: [...known.values()], env: { ...urls, ...defined(env) } };

  function place(id: string, described: Entry): Provider | null {
    const at = ["providers", id];
    const secret = described.api_key === undefined ? null : secretOf(described.api_key, at);
    const description = descriptionOf(described, secret);
    const before = known.get(id);
    if (before === undefined) {
      if (described.base_url === undefined) complain(at, "Turnpike knows no such provider; say its base_url");
      if (described.quirks !== undefined && (described.dialect ?? "openai-chat") !== "openai-chat") {
        complain([...at, "quirks"], "are of the dialect openai-chat alone");
      }
      return describedProvider(id, description);
    }
    if (before.local !== null) complain(at, "is built in, and is reached nowhere else");
    for (const member of ["dialect", "endpoints", "quirks", "api_key_header"] as const) {
      if (described[member] !== undefined) complain([...at, member], `is known for ${id}, and can't be described anew`);
    }
    return withDescription(before, description);
  }

  /** A variable's value, which is there or will never be; of all else the reference, which is read when calls begin. */
  function secretOf(written: string, at: readonly PropertyKey[]): string | null {
    try {
      const { scheme, address } = parseReference(written);
      if (scheme !== "env") return written;
      const secret = variable(env, address);
      if (secret === null) complain([...at, "api_key"], `${address} is not set`);
      return secret;
    } catch (error) {
      complain([...at, "api_key"], error instanceof Error ? error.message : noSecrets);
      return null;
    }
  }
}

function descriptionOf(described: Entry, secret: string | null): Description {
  const { name, dialect, headers, endpoints, api_key_header: keyHeader, data_policy: dataPolicy } = described;
  const lower = Object.entries(headers ?? {}).map(([header, value]) => [header.toLowerCase(), value]);
  return {
    ...(name !== undefined && { name }),
    ...(dialect !== undefined && { dialect }),
    ...(secret !== null && { secret }),
    ...(keyHeader !== undefined && { keyHeader: keyHeader.toLowerCase() }),
    ...(headers !== undefined && { headers: Object.fromEntries(lower) }),
    ...(endpoints !== undefined && { endpoints }),
    ...(described.quirks !== undefined && { quirks: camel(described.quirks) }),
    ...(dataPolicy !== undefined && { dataPolicy }),
  };
}

/** Names as the code has them, of members and of the parameters that are listed in them. */
function camel(written: z.output<typeof quirks>): NonNullable<Description["quirks"]> {
  const named = (name: string) => name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(written).map(([name, value]) => [named(name), Array.isArray(value) ? value.map(named) : value]),
  );
}

/** Without variables that are set to nothing: those leave it to the file. */
function defined(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? "").trim() !== ""));
}
