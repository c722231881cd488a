// The recordings that the differential tests run over, and those that they can't, each with its reason.
import { type Recording, recordings } from "../support/recordings.ts";

export interface Source {
  readonly provider: string;
  readonly dialect: string;
}

export const openai: Source = { provider: "openai", dialect: "openai-chat" };
export const anthropic: Source = { provider: "anthropic", dialect: "anthropic-messages" };
export const google: Source = { provider: "google", dialect: "gemini" };
export const sources: readonly Source[] = [openai, anthropic, google];

/** Why a recording is no chat exchange in the dialect under which its source filed it. Names as in the fixtures. */
const notInDialect: readonly { readonly reason: string; readonly is: (recording: Recording) => boolean }[] = [
  {
    reason: "an answer of another endpoint (embeddings, token counts, legacy completions, skills)",
    is: ({ path, response }) =>
      /:(batchEmbedContents|countTokens)|\/count_tokens/.test(path ?? "") ||
      /"object": ?"text_completion"|"type": ?"skill_version"/.test(response),
  },
  {
    reason: "Google's interactions API, another wire format",
    is: ({ dialect, response }) =>
      dialect === "gemini" && /"event_type": ?"|"steps": ?\[|"interaction": ?\{/.test(response),
  },
  {
    reason: "several answers joined into one stream, which the provider's own SDK refuses",
    is: ({ dialect, response }) =>
      dialect === "anthropic-messages" && response.split(/^event: message_start/m).length > 2,
  },
  {
    reason: "a stream as one JSON array, which is sent to those who do not ask for `alt=sse` (we always do)",
    is: ({ dialect, response }) => dialect === "gemini" && response.startsWith("["),
  },
];

/** Null for a recording that is what it says. */
export function whyNotInDialect(recording: Recording): string | null {
  return notInDialect.find(({ is }) => is(recording))?.reason ?? null;
}

/** The recordings of a provider that are chat exchanges in its dialect. */
export function corpus({ provider, dialect }: Source): readonly Recording[] {
  return recordings(provider, { dialect }).filter((recording) => whyNotInDialect(recording) === null);
}
