// Reranking. OpenAI has none: clients speak the shape that Cohere and Jina share (`query`, `documents`, `top_n`; an answer's `results`),
// and providers differ from it by a few names.
import type { HeaderLookup, Target, Unsupported } from "../../dialects/dialect.ts";
import type { ProviderFailure } from "../../dialects/failure.ts";
import { count, isObject, type Json, list, object } from "../../dialects/json.ts";
import { protocolFailure, readFailure } from "../../dialects/openai-chat/error.ts";
import { routingMembers } from "../../dialects/openai-chat/wire.ts";
import type { Usage } from "../../dialects/usage.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { tokenUsage } from "../usage.ts";

export interface RerankQuirks {
  readonly path: string | ((target: Target) => string);
  /** The provider's name for `top_n`. */
  readonly topField?: "top_k";
  /** Whether it gives the documents back when asked to; else they are put into the answer here. */
  readonly returnsDocuments?: boolean;
  /** Whether it bills searches, of at most 100 documents each, even where it does not report them. */
  readonly billsQueries?: boolean;
  /** The whole body, where the members beside the query are the provider's own. */
  readonly body?: (asked: {
    readonly query: unknown;
    readonly documents: readonly string[];
    readonly topN: number | null;
  }) => Json;
  readonly error?: (status: number, headers: HeaderLookup, body: unknown) => ProviderFailure;
}

export function rerank(quirks: RerankQuirks): EndpointDialect {
  const { path } = quirks;
  return {
    path: (target) => (typeof path === "string" ? path : path(target)),
    encode(body, target) {
      const unsupported: readonly Unsupported[] = [];
      const documents = textsOf(body);
      const topN = count(body.top_n);
      if (quirks.body) return { kind: "body", body: quirks.body({ query: body.query, documents, topN }), unsupported };
      const set: Record<string, unknown> = { model: target.model };
      const remove: string[] = routingMembers.filter((name) => name in body);
      // Texts are what all of them take.
      if (list(body.documents).some(isObject)) set.documents = documents;
      if (quirks.returnsDocuments !== true && "return_documents" in body) remove.push("return_documents");
      if (quirks.topField !== undefined && "top_n" in body) {
        remove.push("top_n");
        if (topN !== null) set[quirks.topField] = topN;
      }
      return { kind: "edits", edits: { set, remove }, unsupported };
    },
    decode(answer, { body, model }) {
      const rows = answer.results ?? answer.data;
      if (!Array.isArray(rows)) return protocolFailure("The provider's answer holds no results.");
      const usage = usageOf(answer, body, quirks);
      const wantsDocuments = body.return_documents === true && quirks.returnsDocuments !== true;
      const isOurs = Array.isArray(answer.results) && rows.every((row) => isObject(row) && "relevance_score" in row);
      if (isOurs && !wantsDocuments) return { write: null, usage };
      const texts = textsOf(body);
      const results = rows.map((row) => resultOf(object(row) ?? {}, body.return_documents === true ? texts : null));
      return { write: () => ({ object: "list", model, results, ...told(answer) }), usage };
    },
    error: quirks.error ?? readFailure,
  };
}

function resultOf(row: Json, texts: readonly string[] | null): Json {
  const index = count(row.index) ?? 0;
  const document = typeof row.document === "string" ? { text: row.document } : (row.document ?? undefined);
  const given = texts === null ? document : (document ?? { text: texts[index] ?? "" });
  return {
    index,
    relevance_score: row.relevance_score ?? row.relevanceScore,
    ...(given !== undefined && { document: given }),
  };
}

/** What the provider says of usage and of itself, in its own words. */
function told({ id, usage, meta }: Json): Json {
  return {
    ...(id !== undefined && { id }),
    ...(usage !== undefined && { usage }),
    ...(meta !== undefined && { meta }),
  };
}

/** Searches as Cohere bills them (`meta.billed_units`), or tokens; null when neither is said. */
function usageOf(answer: Json, body: Json, { billsQueries }: RerankQuirks): Usage | null {
  const tokens = tokenUsage(answer);
  const billed = object(object(answer.meta)?.billed_units);
  const queries =
    count(billed?.search_units) ?? (billsQueries === true ? Math.ceil(list(body.documents).length / 100) : null);
  if (queries === null) return tokens;
  return { ...(tokens ?? { inputTokens: 0, outputTokens: 0 }), queries };
}

function textsOf({ documents }: Json): readonly string[] {
  return list(documents).map((one) => (typeof one === "string" ? one : String(object(one)?.text ?? "")));
}
