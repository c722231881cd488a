// Claims of a token: how rules name them, ask of them, and write them down.
import { matches } from "../store/pattern.ts";

export type Claims = Readonly<Record<string, unknown>>;

/**
 * The values of a claim as texts: of a list all of them, none of what is absent or no value.
 * @param name as the token has it, or a JSON pointer (RFC 6901) into it: `/kubernetes.io/namespace`.
 */
export function valuesOf(claims: Claims, name: string): readonly string[] {
  const found = name.startsWith("/") ? pointed(claims, name) : own(claims, name);
  return [found].flat().flatMap((value) => (isScalar(value) ? [String(value)] : []));
}

/** Whether one of a claim's values is as one of the patterns says, in which `*` stands for any text. Letters' case matters. */
export function claimMatches(claims: Claims, name: string, patterns: readonly string[]): boolean {
  return valuesOf(claims, name).some((value) => patterns.some((pattern) => matches(pattern, value)));
}

/** A text in which `{claim}` is replaced by what the token says, cut to what the name of a key may be. */
export function filled(template: string, claims: Claims): string {
  const text = template.replace(/\{([^{}]{1,200})\}/g, (_, name: string) => valuesOf(claims, name).join(",") || "-");
  return shownText(text, 100);
}

/** A claim's text as it may be shown: without characters that nobody sees, and cut. */
export function shownText(text: string, most: number): string {
  const visible = text.normalize("NFC").replace(/\p{C}/gu, "").trim();
  return [...visible].slice(0, most).join("").trim() || "-";
}

function own(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Claims)[name]
    : undefined;
}

function pointed(claims: Claims, pointer: string): unknown {
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(own, claims);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
