// The model's name in an answer that is passed on as it came: the one that the client asked for, as in answers that are
// translated (see `heading`). Claude Code takes thinking out of turns whose model is not the one that it asks next.

/**
 * Names the model in a `message_start` frame, the text of one server-sent event, and leaves every other byte.
 * @returns null for any other frame. The message has no content yet, so no other member of that name can stand before it.
 */
export function withModel(frame: string, model: string): string | null {
  if (!frame.includes('"message_start"')) return null;
  return frame.replace(/("model":\s*)"(?:[^"\\]|\\.)*"/, (_whole, member: string) => member + JSON.stringify(model));
}
