// Cost: told to a client in the usage of a stream that is passed on as it came.

/**
 * Adds `usage.cost` (US dollars) to the text of a `message_delta` frame; any other frame, and every other byte, stays.
 *
 * @param costUsd A decimal.
 */
export function withCost(frame: string, costUsd: string): string {
  if (!frame.includes('"message_delta"')) return frame;
  // A string in JSON can't hold these quotes unescaped, and nothing else in the event has a `usage`.
  return frame.replace(/"usage":(\s*)\{(\s*)(\}?)/, (_whole, space: string, inner: string, end: string) => {
    const comma = end === "" ? "," : "";
    return `"usage":${space}{"cost":${Number(costUsd)}${comma}${inner}${end}`;
  });
}
