// The recordings that no call through Turnpike can have as its answer, by file and reason, with their number. The coverage
// test keeps the list true; the reasons are in routes.ts and in ../corpus.ts.

type Reasons = Readonly<Record<string, number>>;

export const leftOut: Readonly<Record<string, Reasons>> = {
  anthropic: {
    "several answers joined into one stream, which the provider's own SDK refuses": 3,
    "an answer of another endpoint (embeddings, token counts, legacy completions, skills)": 1,
  },
  bedrock: {
    "Bedrock's InvokeModel, in the words of each vendor: Turnpike asks for Converse": 10,
    "Bedrock's Rerank API: Turnpike reranks by InvokeModel": 1,
  },
  cohere: {
    "Cohere's tokenizer, which Turnpike does not ask": 1,
    "Cohere's first Chat API, which is withdrawn": 3,
  },
  google: {
    "Google's interactions API, another wire format": 9,
    "a stream as one JSON array, which is sent to those who do not ask for `alt=sse` (we always do)": 1,
  },
  ollama: {
    "Ollama's own API: Turnpike asks for the one that is compatible with OpenAI's": 7,
  },
  openai: {
    "OpenAI's compaction of responses, which Turnpike does not offer": 2,
    "OpenAI's count of a response's input tokens, which Turnpike does not offer": 1,
    "an answer of another endpoint (embeddings, token counts, legacy completions, skills)": 1,
  },
  replicate: {
    "Replicate's predictions, an answer of which takes several requests (test/providers/replicate.test.ts)": 3,
  },
  writer: {
    "completions in the words of a vendor that only its own SDK speaks": 1,
  },
};
