// The API's rules for requests, as its documentation and its error messages state them; written apart from the encoder.

interface Marked {
  readonly cache_control?: { readonly ttl?: string } | null;
}

export interface WireBlock extends Marked {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: string | readonly WireBlock[];
}

export interface WireRequest {
  readonly max_tokens: number;
  readonly system?: readonly WireBlock[];
  readonly messages: readonly { readonly role: string; readonly content: readonly WireBlock[] }[];
  readonly tools?: readonly (Marked & { readonly name: string })[];
  readonly tool_choice?: { readonly type: string; readonly name?: string };
  readonly thinking?: { readonly type: string; readonly budget_tokens?: number };
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly stop_sequences?: readonly string[];
}

const isThinking = ({ type }: WireBlock) => type === "thinking" || type === "redacted_thinking";
const isBlank = (text: string | undefined) => (text ?? "").trim() === "";

/** Everything about a request that the API would refuse, in words; empty when it is sound. */
export function violations(request: WireRequest): readonly string[] {
  const found: string[] = [];
  const check = (rule: string, holds: boolean) => void (holds || found.push(rule));
  const { messages, system = [], tools = [], thinking } = request;

  const used = new Set<string>();
  messages.forEach(({ role, content }, at) => {
    check("roles alternate", role === "user" || role === "assistant");
    check("roles alternate", messages[at - 1]?.role !== role);
    check("no message is empty", content.length > 0);
    for (const { type, text } of content) check("no text is blank", type !== "text" || !isBlank(text));
    const results = content.filter(({ type }) => type === "tool_result");
    check(
      "tool results come first",
      content.slice(0, results.length).every(({ type }) => type === "tool_result"),
    );
    const calls = (messages[at - 1]?.content ?? []).filter(({ type }) => type === "tool_use").map(({ id }) => id);
    check(
      "each call is answered in the next message, and nothing else is",
      JSON.stringify(results.map((block) => block.tool_use_id).sort()) === JSON.stringify(calls.sort()),
    );
    for (const { type, id = "", input } of content) {
      if (type !== "tool_use") continue;
      check("call ids are of letters, digits, _ and -", /^[a-zA-Z0-9_-]+$/.test(id));
      check("call ids are unique", !used.has(id));
      check("inputs are objects", typeof input === "object" && input !== null && !Array.isArray(input));
      used.add(id);
    }
    if (role === "assistant") {
      check("the final block of a turn is no thinking", !content.slice(-1).some(isThinking));
    }
  });
  const last = messages.at(-1);
  check(
    "calls at the end are answered",
    last?.role !== "assistant" || last.content.every(({ type }) => type !== "tool_use"),
  );
  const final = last?.role === "assistant" ? last.content.at(-1)?.text : undefined;
  check("a prefill does not end in white space", final === undefined || final === final.trimEnd());
  for (const { text } of system) check("no text is blank", !isBlank(text));

  const marked = [...tools, ...system, ...messages.flatMap(({ content }) => content)].filter(
    ({ cache_control }) => cache_control !== undefined && cache_control !== null,
  );
  check("there are at most 4 cache markers", marked.length <= 4);
  check("no thinking is marked", !marked.some((block) => "type" in block && isThinking(block as WireBlock)));
  const hours = marked.map(({ cache_control }) => cache_control?.ttl === "1h");
  check("markers of an hour come first", hours.lastIndexOf(true) < (hours.includes(false) ? hours.indexOf(false) : 5));

  check("max_tokens is positive", request.max_tokens > 0);
  if (thinking?.type === "enabled") {
    check("the budget is at least 1024", (thinking.budget_tokens ?? 0) >= 1024);
    check("the budget is less than max_tokens", (thinking.budget_tokens ?? 0) < request.max_tokens);
    check("a budget goes without forced tools", !["any", "tool"].includes(request.tool_choice?.type ?? ""));
  }
  if (thinking?.type === "enabled" || thinking?.type === "adaptive") {
    check(
      "thinking goes without temperature and top_k",
      request.temperature === undefined && request.top_k === undefined,
    );
    check("thinking goes with top_p of 0.95 at least", (request.top_p ?? 1) >= 0.95);
  }
  check(
    "temperature is from 0 to 1",
    request.temperature === undefined || (request.temperature >= 0 && request.temperature <= 1),
  );
  check("tool_choice goes with tools", request.tool_choice === undefined || tools.length > 0);
  check(
    "the chosen tool exists",
    request.tool_choice?.type !== "tool" || tools.some(({ name }) => name === request.tool_choice?.name),
  );
  for (const stop of request.stop_sequences ?? []) check("no stop sequence is blank", !isBlank(stop));
  return [...new Set(found)];
}
