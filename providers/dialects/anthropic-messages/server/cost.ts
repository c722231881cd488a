// Cost: told to a client in the usage of a stream that is passed on as it came.

/**
 * Adds `usage.cost` (US dollars) to the text of a `message_delta` frame, or replaces the one that the provider named; any
 * other frame, and every other byte, stays. The text of an answer can't be mistaken for a member: its quotes are escaped.
 *
 * @param costUsd A decimal.
 */
export function withCost(frame: string, costUsd: string): string {
  if (!frame.includes('"message_delta"')) return frame;
  const cost = Number(costUsd);
  const named = /("usage":\s*\{[^}]*"cost":\s*)[-+.\deE]+/;
  if (named.test(frame)) return frame.replace(named, `$1${cost}`);
  return frame.replace(/"usage":(\s*)\{(\s*)(\}?)/, (_whole, space: string, inner: string, end: string) => {
    const comma = end === "" ? "," : "";
    return `"usage":${space}{"cost":${cost}${comma}${inner}${end}`;
  });
}
