// What a user of the official SDK sees of an answer, whole or in chunks, without what Gemini's client side does not carry.
import type { Candidate, GenerateContentResponse, GenerateContentResponseUsageMetadata, Part } from "@google/genai";

export interface View {
  /** By index. */
  readonly candidates: readonly CandidateView[];
  readonly usage: UsageView | null;
}

export interface CandidateView {
  /** Each run of text, each thought and each call, with its signature. */
  readonly parts: readonly PartView[];
  readonly finish: string | null;
  readonly sources: readonly unknown[];
  readonly logprobs: unknown;
}

interface PartView {
  readonly text?: string;
  readonly thought?: boolean;
  readonly call?: { readonly id: string | null; readonly name: string | undefined; readonly args: unknown };
  readonly image?: string;
  readonly signature: string | null;
}

export interface UsageView {
  readonly prompt: number;
  readonly cached: number | undefined;
  readonly candidates: number;
  readonly thoughts: number | undefined;
  readonly total: number;
}

export function viewOf(chunks: readonly GenerateContentResponse[]): View {
  const candidates = new Map<number, Candidate[]>();
  for (const chunk of chunks) {
    for (const [position, candidate] of (chunk.candidates ?? []).entries()) {
      const index = candidate.index ?? position;
      candidates.set(index, [...(candidates.get(index) ?? []), candidate]);
    }
  }
  const sorted = [...candidates].sort(([one], [other]) => one - other).map(([, pieces]) => candidateView(pieces));
  const metadata = chunks.flatMap(({ usageMetadata }) => usageMetadata ?? []);
  return { candidates: sorted, usage: usageView(metadata) };
}

function candidateView(pieces: readonly Candidate[]): CandidateView {
  const parts: PartView[] = [];
  for (const part of pieces.flatMap(({ content }) => content?.parts ?? [])) {
    const view = partView(part);
    if (view === null) continue;
    const last = parts.at(-1);
    const joins =
      last?.text !== undefined && view.text !== undefined && last.thought === view.thought && last.signature === null;
    if (joins && view.signature === null) parts[parts.length - 1] = { ...last, text: last.text + view.text };
    else parts.push(view);
  }
  const last = (pick: (candidate: Candidate) => unknown) => pieces.map(pick).findLast((value) => value !== undefined);
  return {
    parts,
    finish: (last(({ finishReason }) => finishReason) as string | undefined) ?? null,
    sources: pieces.flatMap(({ groundingMetadata }) => groundingMetadata?.groundingChunks ?? []),
    logprobs: last(({ logprobsResult }) => logprobsResult?.chosenCandidates?.map((token) => token.logProbability)),
  };
}

/** Null for parts that say nothing, and those that only Google's own tools make. */
function partView(part: Part): PartView | null {
  const signature = part.thoughtSignature ?? null;
  if (part.text !== undefined) {
    if (part.text === "" && signature === null) return null;
    return { text: part.text, thought: part.thought ?? false, signature };
  }
  if (part.functionCall?.name !== undefined) {
    const { id, name, args } = part.functionCall;
    return { call: { id: id?.startsWith("call_") ? null : (id ?? null), name, args: args ?? {} }, signature };
  }
  return part.inlineData?.data === undefined ? null : { image: part.inlineData.data, signature };
}

/** Counters are told by the last chunk that has them. Tool-use tokens are input like the prompt's. */
function usageView(all: readonly GenerateContentResponseUsageMetadata[]): UsageView | null {
  const merged: GenerateContentResponseUsageMetadata = {};
  for (const metadata of all) {
    Object.assign(merged, Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)));
  }
  if (merged.promptTokenCount === undefined && merged.candidatesTokenCount === undefined) return null;
  const prompt = (merged.promptTokenCount ?? 0) + (merged.toolUsePromptTokenCount ?? 0);
  const candidates = merged.candidatesTokenCount ?? 0;
  return {
    prompt,
    cached: merged.cachedContentTokenCount,
    candidates,
    thoughts: merged.thoughtsTokenCount,
    total: prompt + candidates + (merged.thoughtsTokenCount ?? 0),
  };
}
