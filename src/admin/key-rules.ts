// What an installation asks of its keys: names of a certain form, and policies that begin as a template.
import type { z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";
import type { TemplateStore } from "../store/port-levels.ts";
import type { policySchema } from "./policy-view.ts";

type Policy = z.infer<typeof policySchema>;

/** @throws GatewayError `invalid_request` for a name that TURNPIKE_KEY_NAMES does not allow; null allows any. */
export function checkName(name: string, names: RegExp | null | undefined): void {
  if (names === null || names === undefined || names.test(name)) return;
  throw new GatewayError("invalid_request", `\`name\`: the names of keys must match ${names.source} here.`, {
    param: "name",
  });
}

/**
 * A policy laid over a template, member by member.
 * @throws GatewayError `invalid_request` when there is no template of this name.
 */
export async function withTemplate(
  templates: TemplateStore,
  name: string | undefined,
  policy: Policy,
): Promise<Policy> {
  if (name === undefined) return policy;
  const template = await templates.get(name);
  if (template === null) {
    throw new GatewayError("invalid_request", "`template`: there is no policy template of this name.", {
      param: "template",
    });
  }
  const said = Object.entries(policy).filter(([, value]) => value !== undefined);
  return { ...(template.policy as Policy), ...Object.fromEntries(said) };
}
