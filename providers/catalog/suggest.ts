// Names that look like a name that was not found, for a helpful refusal.

const most = 3;

/**
 * Up to three of `ids` that look like `name`, the closest first. Compares letters and digits only, against the whole id
 * and against what follows its lab, so that `gpt5-mini` finds `openai/gpt-5-mini`. Bounded work: about a millisecond for
 * thousands of ids.
 */
export function closest(name: string, ids: Iterable<string>): string[] {
  const wanted = new Set([plain(name), plain(name.slice(name.indexOf("/") + 1))]);
  const scored: { id: string; distance: number }[] = [];
  for (const id of ids) {
    const model = plain(id.slice(id.indexOf("/") + 1));
    const distance = Math.min(...[...wanted].map((text) => distanceBetween(text, model)));
    if (Number.isFinite(distance)) scored.push({ id, distance });
  }
  return scored
    .sort((a, b) => a.distance - b.distance || a.id.length - b.id.length || (a.id < b.id ? -1 : 1))
    .slice(0, most)
    .map(({ id }) => id);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Edits between two names, with continuations of a name counted as near; infinite when they have little in common. */
function distanceBetween(wanted: string, known: string): number {
  const shorter = Math.min(wanted.length, known.length);
  if (shorter < 2) return Number.POSITIVE_INFINITY;
  const limit = Math.min(6, Math.floor(shorter / 3) + 1);
  const edits = editsWithin(wanted, known, limit);
  if (edits <= limit) return edits;
  const continues = shorter >= 4 && (known.startsWith(wanted) || wanted.startsWith(known));
  return continues ? limit + Math.abs(known.length - wanted.length) / 100 : Number.POSITIVE_INFINITY;
}

/** Levenshtein's distance, or `limit + 1` as soon as it must be greater. Only a band of the table is computed. */
function editsWithin(a: string, b: string, limit: number): number {
  const over = limit + 1;
  if (Math.abs(a.length - b.length) > limit) return over;
  let row = new Uint8Array(b.length + 1).map((_, column) => Math.min(column, over));
  let next = new Uint8Array(b.length + 1);
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    next.fill(over);
    next[0] = Math.min(i, over);
    let best = from === 1 ? Math.min(i, over) : over;
    for (let j = from; j <= to; j++) {
      const replaced = (row[j - 1] ?? over) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      const cost = Math.min(replaced, (row[j] ?? over) + 1, (next[j - 1] ?? over) + 1, over);
      next[j] = cost;
      best = Math.min(best, cost);
    }
    if (best > limit) return over;
    [row, next] = [next, row];
  }
  return row[b.length] ?? over;
}
