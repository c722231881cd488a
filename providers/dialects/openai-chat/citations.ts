// Citations: OpenAI's `url_citation` annotations.
import type { Citation } from "../conversation.ts";
import { count, type Json, list, object, string } from "../json.ts";
import type { Annotation } from "./wire.ts";

/** The web sources among a message's `annotations`; other kinds have no neutral form. */
export function readAnnotations(value: unknown): Citation[] {
  const citations: Citation[] = [];
  for (const item of list(value)) {
    const source = object(object(item)?.url_citation);
    const url = string(source?.url);
    if (source === null || url === null) continue;
    const title = string(source.title);
    const startIndex = count(source.start_index);
    const endIndex = count(source.end_index);
    const quote = string(source.content);
    citations.push({
      kind: "url",
      url,
      ...(title === null ? {} : { title }),
      ...(quote === null ? {} : { quote }),
      ...(startIndex === null ? {} : { startIndex }),
      ...(endIndex === null ? {} : { endIndex }),
    });
  }
  return citations;
}

/**
 * What an answer names at its top: Perplexity's `search_results` with their titles, or its older list of URLs,
 * `citations`. The text refers to them as `[1]`, `[2]`, …, so their order counts.
 */
export function readSearchResults(answer: Json): Citation[] {
  const results = list(answer.search_results).map(object);
  const named = results.length > 0 ? results : list(answer.citations).map((url) => ({ url }));
  return named.flatMap((source): Citation[] => {
    const url = string(source?.url);
    const title = source !== null && "title" in source ? string(source.title) : null;
    return url === null ? [] : [{ kind: "url", url, ...(title === null ? {} : { title }) }];
  });
}

/**
 * @param span Where the cited text stands in the answer, for citations that don't say.
 * @returns null for a source that has no URL: OpenAI chat can name web sources only.
 */
export function writeAnnotation(
  citation: Citation,
  span: { readonly start: number; readonly end: number },
): Annotation | null {
  if (citation.kind !== "url" || citation.url === undefined) return null;
  return {
    type: "url_citation",
    url_citation: {
      url: citation.url,
      title: citation.title ?? citation.url,
      start_index: citation.startIndex ?? span.start,
      end_index: citation.endIndex ?? span.end,
    },
  };
}
