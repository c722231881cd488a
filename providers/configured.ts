// Servers that an operator describes by environment variables alone: any that speaks OpenAI chat completions.
import { bearer, defineProvider, type Environment, noKey, type Provider, variable } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

/**
 * One provider for each `TURNPIKE_PROVIDER_<NAME>_BASE_URL`, with the key in `TURNPIKE_PROVIDER_<NAME>_API_KEY` if it has
 * one. Its id is the name in lower case, `_` written `-`: `TURNPIKE_PROVIDER_OUR_VLLM_BASE_URL` serves `our-vllm/<model>`.
 * @param taken Ids of the registry, which can't be described anew.
 * @returns What is wrong, in words for the operator, when a description can't be used.
 */
export function configuredProviders(env: Environment, taken: ReadonlySet<string>): readonly Provider[] | string {
  const found: Provider[] = [];
  for (const [key, value] of Object.entries(env)) {
    const described = /^TURNPIKE_PROVIDER_(.*)_(BASE_URL|API_KEY)$/.exec(key);
    if (described === null || (value ?? "").trim() === "") continue;
    const [, name = "", kind] = described;
    if (!/^[A-Z0-9]+(_[A-Z0-9]+)*$/.test(name)) {
      return `${key}: the name may hold capital letters, digits and single underscores only`;
    }
    const prefix = `TURNPIKE_PROVIDER_${name}`;
    if (kind === "API_KEY") {
      if (variable(env, `${prefix}_BASE_URL`) === null) return `${key}: set ${prefix}_BASE_URL too`;
      continue;
    }
    const id = name.toLowerCase().replaceAll("_", "-");
    if (taken.has(id)) return `${key}: Turnpike knows ${id} already; set ${name}_BASE_URL to reach it elsewhere`;
    found.push(describe(id, prefix, env));
  }
  return found;
}

function describe(id: string, prefix: string, env: Environment): Provider {
  const secured = variable(env, `${prefix}_API_KEY`) !== null;
  return defineProvider({
    id,
    name: id,
    dialect: compatibleChat({ topK: true }),
    baseUrl: `{${prefix}_BASE_URL}`,
    baseUrlEnv: `${prefix}_BASE_URL`,
    auth: secured ? bearer(`${prefix}_API_KEY`) : noKey,
    selfHosted: true,
  });
}
