// What a Claude model's name tells about its API, where the catalogue says nothing.

export type Family = "opus" | "sonnet" | "haiku" | "fable" | "mythos" | "other";

/** `version` is major × 100 + minor: 4.5 is 405. A name without a number (`claude-opus-latest`) is the newest there is. */
export interface Generation {
  readonly family: Family;
  readonly version: number;
}

const newest = 9999;
/** `claude-opus-4-5-20251101`, `claude-opus-4@20250514`, `us.anthropic.claude-sonnet-4-6`, `claude-opus-4.5`. */
const familyFirst = /claude-(opus|sonnet|haiku|fable|mythos)(?:-(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?)?/;
/** `claude-3-7-sonnet-20250219`, `claude-4-opus-20250514`, `claude-3-opus-latest`, `claude-2.1`. */
const versionFirst = /claude-v?(\d)(?!\d)(?:[-.](\d)(?!\d))?(?:-(opus|sonnet|haiku))?/;

/** Null for a name that is not Claude's: other models are served over this dialect too. */
export function generationOf(model: string): Generation | null {
  const first = familyFirst.exec(model);
  if (first !== null) {
    const [, family, major, minor] = first;
    return { family: family as Family, version: major === undefined ? newest : versionOf(major, minor) };
  }
  const [, major, minor, family] = versionFirst.exec(model) ?? [];
  return major === undefined ? null : { family: (family ?? "other") as Family, version: versionOf(major, minor) };
}

function versionOf(major: string, minor: string | undefined): number {
  return Number(major) * 100 + Number(minor ?? 0);
}

/** Sources: the migration guides of platform.claude.com (Opus 5.5, Sonnet 5.5, Fable 5.1), and errors in public issues. */
export const since = {
  /** `thinking` with a budget. */
  thinking: 307,
  /** `output_config.format` and strict tools; Opus 4.1 has them too. */
  structuredOutputs: 405,
  /** `thinking: { type: "adaptive" }` with `output_config.effort`. From here on an assistant turn can't be continued. */
  adaptive: 406,
  /** A budget, and any `temperature`, `top_p` or `top_k` but the default, is refused. */
  adaptiveOnly: 407,
  /** Thinks unless told not to. */
  thinksByDefault: 500,
} as const;

export function hasStructuredOutputs({ family, version }: Generation): boolean {
  return version >= since.structuredOutputs || (family === "opus" && version === 401);
}

/** How thinking is turned off; `impossible` where the model always thinks. */
export function offSwitch({ family, version }: Generation): "disabled" | "between_tools" | "omitted" | "impossible" {
  if (family === "fable" || family === "mythos") return "impossible";
  if (version >= 505 && family === "opus") return "impossible";
  if (version >= 505 && family === "sonnet") return "between_tools";
  // Opus 4.7 and 4.8 do not think unless asked, and not every platform of theirs knows `disabled`.
  return version >= since.adaptiveOnly && version < since.thinksByDefault ? "omitted" : "disabled";
}

/** Whether `tool_choice` may force a call (`any`, `tool`) at all. */
export function acceptsForcedTools({ family, version }: Generation): boolean {
  if (family === "fable" || family === "mythos") return version < 501;
  return !(version >= 505 && (family === "opus" || family === "sonnet"));
}
