// What the differential tests leave out, by reason and number of recordings. The coverage test keeps these lists true.

type Reasons = Readonly<Record<string, number>>;

/** Recordings that are no answer in the dialect under which their source filed them (see corpus.ts). */
export const notInDialect: Readonly<Record<string, Reasons>> = {
  openai: {
    "an answer of another endpoint (embeddings, token counts, legacy completions, skills)": 1,
  },
  anthropic: {
    "an answer of another endpoint (embeddings, token counts, legacy completions, skills)": 4,
    "several answers joined into one stream, which the provider's own SDK refuses": 3,
  },
  google: {
    "Google's interactions API, another wire format": 9,
    "a stream as one JSON array, which is sent to those who do not ask for `alt=sse` (we always do)": 1,
    "an answer of another endpoint (embeddings, token counts, legacy completions, skills)": 5,
  },
};

/**
 * Requests that OpenAI's chat dialect has no words for, Turnpike's extensions included (see test/support/to-openai-chat).
 * Their answers are compared all the same, for a request of one word.
 */
export const inexpressible: Readonly<Record<string, Reasons>> = {
  openai: {
    "the source kept no request": 1,
  },
  anthropic: {
    "adaptive thinking without an effort": 1,
    "document block member: citations": 2,
    "malformed request": 1,
    "output_config.effort without thinking": 2,
    "request member: cache_control": 3,
    "request member: container": 1,
    "request member: context_management": 2,
    "request member: mcp_servers": 1,
    "server tool advisor_20260301": 2,
    "server tool code_execution_20260120": 3,
    "server tool code_execution_20260521": 1,
    "server tool web_fetch_20250910": 4,
    "server tool web_search_20250305": 11,
    "the source kept no request": 26,
    "tool member: defer_loading": 7,
  },
  google: {
    "file by address in a function response": 2,
    "request member: cachedContent": 1,
    "request member: safetySettings": 1,
    "server tool: codeExecution": 3,
    "server tool: fileSearch": 2,
    "server tool: googleSearch": 6,
    "server tool: urlContext": 2,
    "the source kept no request": 10,
    video: 1,
  },
};
