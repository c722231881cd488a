// Texts that look like secrets, whoever's they are: keys of known forms, tokens, private keys, credentials in URLs and settings.
import type { Range } from "./log-known.ts";

/** What stands where a secret was. */
export const redacted = "[redacted]";

/** What stands before a value and says that it is secret. */
const named =
  "(?:x-)?(?:goog-)?api[_-]?key|apikey|access[_-]?key|account[_-]?key|shared[_-]?access[_-]?(?:key|signature)|" +
  "(?:access|refresh|id|subject|session|security|auth)[_-]?token|client[_-]?secret|secret[_-]?(?:access[_-]?)?key|" +
  "private[_-]?key|master[_-]?key|x-amz-(?:signature|security-token)|passw(?:or)?d|passphrase|pwd|secret|sig|signature|" +
  "set-cookie|cookie";

/**
 * The forms: what is known by, and in parentheses what must not be shown, at the end. Bounded everywhere: a line must never take
 * long. Prefixes as their issuers document them; `tp_` are ours.
 */
const forms = [
  String.raw`\btp_(?:live|test|dev|admin)_([0-9A-Za-z]{8,})`,
  String.raw`\b[srp]k[-_](?:(?:live|test|proj|svcacct|admin|ant|or|lf)[-_])?([A-Za-z0-9_-]{8,})`,
  String.raw`\b(?:gsk|xai|hf|r8|pplx|nvapi|whsec|npm|csk|fw|tgp|dapi|lin_api|shpat|dop_v1|vcp|hv[sbr])[-_.]([A-Za-z0-9_-]{16,})`,
  String.raw`\bAIza([A-Za-z0-9_-]{16,})`,
  String.raw`\b(?:AKIA|ASIA|ABIA|ACCA)([A-Z0-9]{12,})`,
  String.raw`\b(?:gh[a-z]|github_pat|glpat|glptt|gldt|glcbt)[-_]([A-Za-z0-9_.-]{16,})`,
  String.raw`\bxox[a-z]{1,2}-([A-Za-z0-9-]{8,})`,
  String.raw`\b(?:ya29|SG)\.([A-Za-z0-9_.-]{16,})`,
  String.raw`\b(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3})`,
  String.raw`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----((?:(?!-----END)[\s\S])+)`,
  String.raw`\b(?i:bearer|basic|digest|negotiate|apikey|token)(?:\s|%20|\+){1,4}["']?(?=[^\s"',;]*[0-9A-Z=])([A-Za-z0-9+/_=.~:%-]{8,})`,
  String.raw`:\/\/([^\s/@:"']{0,256}:[^\s/@"']{1,512})(?=@)`,
  String.raw`\b(?i:${named})["']?\s{0,3}[=:]\s{0,3}["']?([^\s"'&;,)}\]]{4,})`,
  String.raw`\b(?i:authorization)["']?\s{0,3}[=:]\s{0,3}["']?([^"'&;,)}\]]{4,})`,
];
const anyForm = new RegExp(forms.join("|"), "g");
const sensitiveName = new RegExp(`^(?:${named}|(?:proxy-)?authorization|.*[_-](?:api|secret|private)[_-]?key)$`, "i");

/** Where a text looks like a secret. */
export function shapesIn(text: string): readonly Range[] {
  return Array.from(text.matchAll(anyForm), (found) => {
    const [match, ...groups] = found;
    const end = found.index + match.length;
    const secret = groups.find((group) => group !== undefined) ?? match;
    // A text may have been looked through before: what stands there then is taken as a whole.
    const wasCovered = secret.endsWith(redacted.slice(0, -1)) && text[end] === "]";
    return [end - secret.length, wasCovered ? end + 1 : end] as const;
  });
}

/** Whether the value of a member of this name is secret, whatever it is. */
export function namesSecret(name: string): boolean {
  return sensitiveName.test(name);
}
