// A credential's text as it is written: a plain value, a reference, or a text with references in it as `${…}`.
import { isReference, parseReference, type Reference, schemes } from "./reference.ts";

/** Texts and references in turn. */
export type Template = readonly (string | Reference)[];

const embedded = new RegExp(`\\$\\{((?:${schemes.join("|")}):[^{}]+)\\}`, "g");

/** Null for a plain value. @throws ConfigError when a reference is written wrongly. */
export function readTemplate(text: string): Template | null {
  if (isReference(text)) return [parseReference(text)];
  const parts = text.split(embedded);
  if (parts.length === 1) return null;
  // A split by one group gives texts at even places and the group at odd ones.
  return parts.map((part, index) => (index % 2 === 1 ? parseReference(part) : part)).filter((part) => part !== "");
}

/** The whole with the values in their places. Inside JSON a value is written as JSON writes texts. */
export function fill(template: Template, valueFor: (reference: Reference) => string): string {
  const [first] = template;
  const inJson = template.length > 1 && typeof first === "string" && /^[\w:-]*\{/.test(first);
  const written = (value: string): string => (inJson ? JSON.stringify(value).slice(1, -1) : value);
  return template.map((part) => (typeof part === "string" ? part : written(valueFor(part)))).join("");
}

/**
 * The environment in which these variables, and those numbered behind them, hold templates where they held references: a secret
 * that is made of several variables is then a template of them.
 */
export function withTemplates(
  env: Readonly<Record<string, string | undefined>>,
  variables: ReadonlySet<string>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const text = value?.trim() ?? "";
      const holds = variables.has(name.replace(/_\d{1,2}$/, "")) || variables.has(name);
      return [name, holds && isReference(text) ? `\${${text}}` : value];
    }),
  );
}
