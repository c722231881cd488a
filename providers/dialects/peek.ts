// Peek: what routing must know of a request, read without translating it. It tells only what the body says; it checks nothing.

/** What a request asks for and how much it says. Read from a body of any shape, well-formed or not; never throws. */
export interface Peek {
  /** UTF-16 units of the prompt's text: instructions, messages, tools and schemas. Pictures and files are not text. */
  readonly textLength: number;
  /** The most tokens that the answer may have; null when the request does not say. */
  readonly maxOutputTokens: number | null;
  readonly tools: boolean;
  /** Whether the answer must follow a JSON schema. */
  readonly jsonSchema: boolean;
  readonly images: boolean;
  /** PDFs and other files. */
  readonly documents: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  /** Whether reasoning was asked for by name (an effort, a budget), not merely left to the model. */
  readonly reasoning: boolean;
  /** The client's own name of the conversation (`prompt_cache_key`, `session_id`, …); null when it gives none. */
  readonly session: string | null;
  /** The client's own name of its user (`user`, `safety_identifier`, `metadata.user_id`); null when it gives none. */
  readonly user: string | null;
  /** Free facts of the client: string members of `metadata`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** How the prompt begins, at most 4,000 UTF-16 units: the same in every turn of one conversation. */
  opening(): string;
}
