// A stream of legacy completions: the same frames as chat's, with `text` where chat has `delta`.
import type { CompletionEvent } from "../../dialects/completion.ts";
import type { ClientDialect, Frame } from "../../dialects/dialect.ts";
import { list, object, text } from "../../dialects/json.ts";
import { createStreamWatcher } from "../../dialects/openai-chat/client/watch.ts";

export const completionsStream: Pick<ClientDialect, "watch" | "stream"> = {
  watch: createStreamWatcher,
  stream: () => ({ push: textsIn, end: () => [], usage: null }),
};

/** What a model said, for counting; nothing more is asked of a stream that is passed on. */
function textsIn({ data }: Frame): readonly CompletionEvent[] {
  return list(parse(data)?.choices).flatMap((choice): readonly CompletionEvent[] => {
    const said = text(object(choice)?.text);
    return said === null ? [] : [{ type: "text", choice: 0, part: 0, text: said }];
  });
}

function parse(data: string): ReturnType<typeof object> {
  try {
    return object(JSON.parse(data));
  } catch {
    return null;
  }
}
