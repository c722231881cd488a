// The evidence report as Markdown, for people.
import type { Evidence } from "./audit-evidence.ts";

/** Rows of a table that are shown; the JSON has all of them. */
const mostRows = 500;

export function evidenceMarkdown(evidence: Evidence): string {
  const { trail, administrators, roles, keys, credentials, findings, controls } = evidence;
  const found = new Map(findings.map((finding) => [finding.id, finding.subjects.length]));
  return [
    "# Access and audit evidence",
    `Made ${evidence.generated_at}. Use is judged since ${evidence.used_since}. This is evidence: whether a control is met, an auditor says.`,
    "## The trail",
    trail.ok
      ? `Verified: ${trail.entries} entries, unbroken, up to entry ${trail.last_seq ?? 0}.`
      : `**Not intact**, from entry ${trail.problem?.seq ?? "?"} on: ${trail.problem?.message ?? ""}`,
    `Signed checkpoints: ${trail.checkpoints}, all hold; the last one covers entry ${trail.signed_through}. Signing key: \`${trail.kid ?? "none"}\`. ` +
      `Removed by retention: up to entry ${trail.removed_through}.`,
    "## Findings",
    findings.length === 0 ? "None." : "",
    ...findings.flatMap(({ title, subjects }) => [
      `### ${title} (${subjects.length})`,
      table(["id", "name", "detail"], subjects),
    ]),
    "## Administrators",
    table(
      ["id", "name", "role", "status", "second_factors", "signs_in_at", "key_since", "expires_at", "last_used_at"],
      administrators,
    ),
    "## Roles",
    table(["name", "built_in", "permissions", "scope"], roles),
    `## Keys${evidence.keys_truncated ? " (the newest ones)" : ""}`,
    table(
      ["id", "name", "customer", "project", "status", "policy", "expires_at", "rotation_due_at", "last_used_at"],
      keys,
    ),
    "## Provider keys",
    table(["id", "name", "provider", "customer", "enabled", "age_days", "expires_at", "reference"], credentials),
    "## Controls",
    table(
      ["framework", "id", "about", "evidence", "findings"],
      controls.map((control) => ({
        ...control,
        findings: control.evidence.reduce((sum, id) => sum + (found.get(id) ?? 0), 0),
      })),
    ),
    "",
  ]
    .filter((part, index, all) => part !== "" || index === all.length - 1)
    .join("\n\n");
}

function table(names: readonly string[], rows: readonly object[]): string {
  if (rows.length === 0) return "None.";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const shown = rows
    .slice(0, mostRows)
    .map((row) => line(names.map((name) => cell((row as Record<string, unknown>)[name]))));
  const more = rows.length > mostRows ? [`\nAnd ${rows.length - mostRows} more, in the JSON.`] : [];
  return [line(names.map((name) => name.replaceAll("_", " "))), line(names.map(() => "---")), ...shown, ...more].join(
    "\n",
  );
}

/** A name is a customer's choice: it must not become Markdown or HTML. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = Array.isArray(value)
    ? value.map(String).join(", ")
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
  return text.replace(/[\\|`*_[\]<>#]/g, "\\$&").replace(/\s+/g, " ");
}
