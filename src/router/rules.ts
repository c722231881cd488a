// Rules: which of an alias's routes a call takes. Looked at for every call through an alias: no promise, no regular expression.
import { matches } from "../store/pattern.ts";
import type { Alias, AliasRoute, Condition } from "./alias.ts";
import { type Ask, charactersPerToken } from "./ask.ts";

/** The route of the first rule whose condition holds, else the alias's own. */
export function routeOf(alias: Alias, ask: Ask): AliasRoute {
  for (const { when, route } of alias.rules) if (holds(when, ask)) return route;
  return alias;
}

/** What a condition may ask of the body, true or false. */
const features = ["tools", "jsonSchema", "images", "documents", "audio", "video", "reasoning"] as const;

/** Whether all that the condition asks for is so. Nothing is known of the body of a call that is no chat. */
function holds(when: Condition, ask: Ask): boolean {
  const { peek, caller } = ask;
  if (when.inputTokens !== undefined && !isWithin(when.inputTokens, peek?.textLength ?? null)) return false;
  for (const feature of features) {
    const wanted = when[feature];
    if (wanted !== undefined && wanted !== (peek?.[feature] ?? false)) return false;
  }
  if (when.stream !== undefined && when.stream !== ask.stream) return false;
  if (when.operations !== undefined && !when.operations.includes(ask.operation)) return false;
  if (when.metadata !== undefined && !allMatch(when.metadata, peek?.metadata ?? {})) return false;
  if (when.keyMetadata !== undefined && !allMatch(when.keyMetadata, caller.metadata)) return false;
  if (when.customers !== undefined && !anyMatches(when.customers, caller.customer)) return false;
  return when.projects === undefined || anyMatches(when.projects, caller.project);
}

/** @param textLength UTF-16 units of the prompt; null when nobody knows, which is within no bounds. */
function isWithin({ above = -1, atMost = Infinity }: NonNullable<Condition["inputTokens"]>, textLength: number | null) {
  if (textLength === null) return false;
  const tokens = Math.ceil(textLength / charactersPerToken);
  return tokens > above && tokens <= atMost;
}

function allMatch(patterns: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>): boolean {
  for (const name of Object.keys(patterns)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || !matches(patterns[name] ?? "", value)) return false;
  }
  return true;
}

function anyMatches(patterns: readonly string[], value: string): boolean {
  return patterns.some((pattern) => matches(pattern, value));
}
