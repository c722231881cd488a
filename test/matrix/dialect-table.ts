// Writes docs/dialects.md: what becomes of everything that can be asked, for a provider of each dialect, found by asking.

import { amazonBedrock } from "../../providers/amazon-bedrock.ts";
import { anthropic } from "../../providers/anthropic.ts";
import { cohere } from "../../providers/cohere.ts";
import type { Conversation } from "../../providers/dialects/conversation.ts";
import type { ClientDialect, Target } from "../../providers/dialects/dialect.ts";
import { google } from "../../providers/google.ts";
import { openai } from "../../providers/openai.ts";
import { type Probe, plain, probes } from "./probes.ts";

interface Column {
  readonly dialect: ClientDialect;
  readonly target: Target;
}

const able = {
  maxOutputTokens: 64_000,
  contextWindow: 200_000,
  reasoning: true,
  temperature: true,
  jsonSchema: true,
  tools: true,
} as const;

const [chat, responses] = openai.dialects;
if (chat === undefined || responses === undefined) throw new Error("OpenAI must speak two dialects");

/** A model for each dialect that can do as much as any of its kind. */
const columns: readonly Column[] = [
  { dialect: chat, target: { providerId: openai.id, model: "gpt-5.1", traits: able } },
  { dialect: responses, target: { providerId: openai.id, model: "gpt-5.1", traits: able } },
  { dialect: anthropic.dialect, target: { providerId: anthropic.id, model: "claude-sonnet-4-5", traits: able } },
  { dialect: google.dialect, target: { providerId: google.id, model: "gemini-2.5-flash", traits: able } },
  {
    dialect: amazonBedrock.dialect,
    target: { providerId: amazonBedrock.id, model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", traits: able },
  },
  { dialect: cohere.dialect, target: { providerId: cohere.id, model: "command-a-plus-05-2026", traits: able } },
];

const intro = `# Dialects

What becomes of a request on its way to a provider of another dialect. A client of the provider's own dialect is passed
through: its bytes arrive as they are. This page is written by \`test/matrix/dialect-table.ts\` from what the encoders do, and a
test holds it to them (\`vitest run test/matrix/dialect-table.test.ts -u\` writes it anew).

- A name is the member of the provider's body in which the thing arrives.
- **refused**: the call fails with \`unsupported_parameter\`. With **droppable**, \`drop_params: true\` leaves the thing out instead, and
  \`x-turnpike-dropped-params\` says so. Content is never left out at a client's request.
- **left out, and said so**: a hint on which no answer depends (labels, ids of end users, wishes about caches). It needs no leave, and
  \`x-turnpike-dropped-params\` names it.
- **left out**: no other vendor can read it (signatures), or it changes the price alone (cache markers) or how finely a picture is read. Nothing is
  said about it.
- **nothing to say**: the provider does so anyway, or has no word for it and the answer does not depend on it.

The columns stand for a model each: ${columns.map(({ dialect, target }) => `${dialect.id}: \`${target.model}\``).join(", ")}. Other models
of the same dialect may take less; the refusal names what.
`;

const approximations = `
## Approximated

| what | how |
| --- | --- |
| reasoning effort where a model takes a budget, and a budget where it takes an effort | by size: an effort that a model lacks is rounded down |
| thinking budget of a Claude model | counted inside the limit of output tokens, which is never raised: cut to four fifths of it where it does not fit, and refused (droppable) where there is no room for 1024 tokens |
| no parallel calls | every translated answer is held to its first call. The tokens of others that the model made are paid for |
| JSON by a schema, of a model that has no word for it | a tool of a reserved name that must be called; its arguments are the answer |
| earlier reasoning of another vendor | left out: no vendor takes another's |
| call ids | made up for Gemini, which has none; shortened where a provider's ids are shorter |
| Cohere's \`tool_plan\` | reasoning, there and back |
| reasoning tokens at Anthropic, Bedrock and Cohere | not told apart from other output |
`;

/** The whole document. */
export function dialectTable(): string {
  const groups = [...new Set(probes.map(({ group }) => group))];
  return [intro, ...groups.map(tableOf)].join("\n") + approximations;
}

function tableOf(group: Probe["group"]): string {
  const head = ["", ...columns.map(({ dialect }) => dialect.id)];
  const rows = probes
    .filter((probe) => probe.group === group)
    .map((probe) => [probe.asks, ...columns.map((column) => outcome(probe, column))]);
  return [`## ${group}`, "", line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** What a provider of this dialect makes of the probe, as a cell. */
export function outcome(probe: Probe, { dialect, target }: Column): string {
  const { body, unsupported } = dialect.encode(probe.conversation, target);
  if (unsupported.length > 0 && unsupported.every(({ hint }) => hint === true)) return "left out, and said so";
  if (unsupported.length > 0) {
    return unsupported.every(({ droppable }) => droppable) ? "refused, droppable" : "refused";
  }
  const found = probe.marker === undefined ? changes(baseOf(probe), body, dialect, target) : places(body, probe.marker);
  if (found.length > 0) return found.map((path) => `\`${path}\``).join(", ");
  if (probe.marker !== undefined) return "left out";
  if (probe.conversation.parallelToolCalls === false) return "held to it by Turnpike";
  const fewer = leaves(body).length < leaves(dialect.encode(baseOf(probe), target).body).length;
  return fewer ? "by leaving tools out" : "nothing to say";
}

/** What a probe is compared with: the same without what it asks. */
function baseOf({ conversation, group, asks }: Probe): Conversation {
  const tools =
    group === "Tools" && asks !== "tools" ? conversation.tools.map((tool) => ({ ...tool, strict: null })) : [];
  return { ...plain, tools: tools.map(({ cache: _, ...tool }) => tool) };
}

function changes(base: Conversation, body: unknown, dialect: ClientDialect, target: Target): readonly string[] {
  const before = new Map(leaves(dialect.encode(base, target).body));
  const changed = leaves(body).filter(([path, value]) => before.get(path) !== value);
  return distinct(changed.map(([path]) => short(path)));
}

function places(body: unknown, marker: string): readonly string[] {
  const found = leaves(body).filter(([, value]) => value.includes(marker));
  return distinct(found.map(([path]) => path));
}

function distinct(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)];
}

/** A parameter is named by its first two members. */
function short(path: string): string {
  return path.split(".").slice(0, 2).join(".");
}

/** Every value that is no container, as text, with its path; places in lists are not told apart. */
function leaves(value: unknown, path = ""): readonly (readonly [string, string])[] {
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0) return [[path, "empty"]];
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, `${path}[]`));
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, item]) => leaves(item, path === "" ? name : `${path}.${name}`));
  }
  return [[path, String(value)]];
}
