// The form of a stored credential: what its value and its variables make of a provider, as an environment would that had only them.
import { type Environment, type Provider, variable, variablesOf } from "../../providers/define.ts";
import { ConfigError } from "../config.ts";
import { baseUrlOf } from "./credentials.ts";
import { withTemplates } from "./references/template.ts";

/** What a credential says beside its value. */
export interface FormOptions {
  /** Null leaves it to the variables, and to the environment where that names another place for the provider. */
  readonly baseUrl: string | null;
  /** Of the provider's variables, those that are no secret. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of it, the provider's base URL alone is taken: nothing of this machine's own credentials mixes with a stored one. */
  readonly env: Environment;
  /** Whether the text says where the value stands, and is not the value. */
  readonly reference: boolean;
}

export interface Form {
  readonly provider: Provider;
  /** As `authorize` takes it; where the value stands elsewhere, with references in it. */
  readonly secret: string;
  readonly baseUrl: string;
}

/** A name of an environment variable. */
const variableName = /^[A-Z][A-Z0-9_]*$/;

/**
 * @param text the value: the provider's first variable, or a JSON object of several of its variables.
 * @returns what is missing, in words for the operator that hold nothing of the value.
 */
export function formOf(
  known: Provider,
  text: string,
  { baseUrl, variables, env, reference }: FormOptions,
): Form | string {
  const values = valuesOf(known, text);
  const place = baseUrl ?? variable(env, known.baseUrlEnv);
  const given = { ...(place !== null && { [known.baseUrlEnv]: place }), ...variables, ...values };
  const own = reference ? withTemplates(given, new Set(Object.keys(values))) : given;
  const provider = known.variant(own) ?? known;
  const secret = known.env.length === 0 ? text : provider.secretFrom(own);
  if (secret === null) {
    return `${known.name} makes no credential of it: give \`values\` with what it needs of ${known.env.join(", ")}`;
  }
  try {
    const url = baseUrlOf(provider, own);
    return url === null ? `${known.name} ${placeMissing(known)}` : { provider, secret, baseUrl: url };
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/** Several variables are written as a JSON object of them. */
function valuesOf(provider: Provider, text: string): Readonly<Record<string, string>> {
  const members = variablesIn(text);
  if (members !== null) return members;
  const [first] = provider.env;
  // A credential's file is a JSON object, too, whose members are no variables.
  if (provider.secretFile !== null && text.trimStart().startsWith("{")) return { [provider.secretFile.text]: text };
  return first === undefined ? {} : { [first]: text };
}

function variablesIn(text: string): Readonly<Record<string, string>> | null {
  if (!text.startsWith("{")) return null;
  try {
    const members = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const fit =
      members.length > 0 && members.every(([name, value]) => variableName.test(name) && typeof value === "string");
    return fit ? (Object.fromEntries(members) as Record<string, string>) : null;
  } catch {
    return null;
  }
}

function placeMissing({ baseUrl }: Provider): string {
  const names = variablesOf(baseUrl);
  return names.length === 0
    ? "needs `base_url`, or the variables that say where it is"
    : `needs \`variables\` with ${names.join(", ")}, or \`base_url\``;
}
