// What is wrong with a rule, and what is dangerous about it: a rule that is too wide gives keys to strangers.
import type { RuleTerms } from "../store/port-rules.ts";
import { issuerProblem } from "./issuer.ts";
import { publicKeys } from "./key-sets.ts";

export interface RuleProblem {
  readonly param: "issuer" | "jwks" | "ca" | "once" | "subjects";
  readonly message: string;
}

type Checked = Pick<RuleTerms, "subjects" | "claims" | "jwks" | "ca" | "once" | "direct"> & { readonly issuer: string };

/** Issuers that give tokens to everybody who asks: without a condition of whose they are, a rule would let in the world. */
const openIssuers = new Set([
  "https://token.actions.githubusercontent.com",
  "https://gitlab.com",
  "https://accounts.google.com",
  "https://agent.buildkite.com",
  "https://app.terraform.io",
]);
const forge = "https://token.actions.githubusercontent.com";

/** Claims that say whose a token is. */
const identifying =
  /^(sub|repository|repository_owner|job_workflow_ref|workflow_ref|project_path|namespace_path|email)$/;
const identifyingId =
  /(^|_)(repository|repository_owner|project|namespace|organization|user|pipeline)_id$|^\/kubernetes\.io\//;
/** Those of them that no other can be given later. */
const lasting = /^(repository_id|repository_owner_id|enterprise_id)$/;

/** What keeps a rule from being used; null when nothing does. */
export function ruleProblem(rule: Checked): RuleProblem | null {
  const { issuer, jwks, ca, once, direct } = rule;
  if (jwks === null) {
    const message = issuerProblem(issuer);
    if (message !== null) return { param: "issuer", message };
  } else {
    const usable = publicKeys(jwks.keys).length;
    if (usable === 0 || usable < jwks.keys.length) {
      return { param: "jwks", message: "expected public keys of RSA, EC or OKP, and nothing else" };
    }
    if (ca !== null) return { param: "ca", message: "the issuer is not asked where its keys are given" };
  }
  if (ca !== null && !/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(ca)) {
    return { param: "ca", message: "expected certificates in PEM" };
  }
  if (once && direct) {
    return { param: "once", message: "a token that is used directly is used often: it can't be taken once only" };
  }
  if (openIssuers.has(issuer) && !isBound(rule)) {
    const message =
      "this issuer gives tokens to everybody: say whose are taken, by `subjects` or by a claim such as `repository_owner_id`, " +
      "that begins with more than `*`";
    return { param: "subjects", message };
  }
  return null;
}

/** What its maker should know of a rule that can be used. */
export function ruleWarnings(rule: Checked): readonly string[] {
  const warnings: string[] = [];
  const named = conditionsOf(rule).filter(([name]) => identifying.test(name));
  if (!isBound(rule)) {
    warnings.push(
      "No subject, repository, project or namespace is asked for: every token of this issuer for the audience gets a key.",
    );
  }
  for (const [name, patterns] of named) {
    for (const pattern of patterns) {
      if (isOwnerOpen(pattern)) {
        warnings.push(
          `\`${name}\` ${pattern}: its first \`*\` also stands for the rest of an owner's name (acme* matches acme-evil). End the name with a slash.`,
        );
      } else if (name === "sub" && /^(repo|project_path):[^:]*:\*$/.test(pattern)) {
        warnings.push(
          `\`sub\` ${pattern} takes every branch, tag, environment and pull request. Name the one that may have a key.`,
        );
      }
    }
  }
  if (rule.issuer === forge && named.length > 0 && !conditionsOf(rule).some(([name]) => lasting.test(name))) {
    warnings.push(
      "Names of repositories and owners can be given to others once they are free. Ask for `repository_id` or `repository_owner_id` too.",
    );
  }
  return warnings;
}

function conditionsOf({ subjects, claims }: Checked): readonly (readonly [string, readonly string[]])[] {
  return [...(subjects === null ? [] : [["sub", subjects] as const]), ...Object.entries(claims)];
}

/** Whether the rule asks whose a token is: by a claim of which every pattern begins with more than its form. */
function isBound(rule: Checked): boolean {
  return conditionsOf(rule).some(
    ([name, patterns]) =>
      (identifying.test(name) || identifyingId.test(name)) && patterns.every((pattern) => headOf(pattern) !== ""),
  );
}

/** Whether the first star stands in the first name of a path: `repo:acme*`. */
function isOwnerOpen(pattern: string): boolean {
  const head = headOf(pattern);
  return pattern.includes("*") && head !== "" && !/[/:@]/.test(head);
}

/** What stands before the first star, without the form's own words: of `repo:acme/*` it is `acme/`. */
function headOf(pattern: string): string {
  const [head = ""] = pattern.split("*");
  return head.replace(/^(repo|repository_owner|project_path|system:serviceaccount|organization):/, "");
}
