// A glance at a large answer with embeddings: what stands around the vectors, and how the first of them is written. Parsing 30 MB of
// numbers takes half a second, in which nobody else is served, and what is passed on as it came needs none of them.
import { isObject, type Json } from "../../dialects/json.ts";

/** Before the vectors stand `object`, and hardly more. */
const headBytes = 2_048;
/** Behind them `model` and `usage`. */
const tailBytes = 4_096;

/**
 * The answer with its first item alone, whose `embedding` is empty: `""`, or `[]` where it is numbers. Null where a glance can't tell that
 * the text is as it should be from its beginning to its end: parse it then.
 */
export function glanceAtEmbeddings(bytes: Uint8Array): Json | null {
  const head = text(bytes.subarray(0, headBytes));
  const data = /^\s*\{[^[]*?"data"\s*:\s*\[\s*/.exec(head)?.[0];
  if (data === undefined) return null;
  const item = /^\{[^[{}]*?"embedding"\s*:\s*(?=["[])/.exec(head.slice(data.length))?.[0];
  if (item === undefined) return null;
  const empty = head.charAt(data.length + item.length) === "[" ? "[]" : '""';
  // No string holds a quote that is not escaped, so what is an object from here on stood in the outermost one.
  const tail = text(bytes.subarray(Math.max(0, bytes.length - tailBytes)));
  const usage = tail.lastIndexOf('"usage"');
  if (usage === -1 || !/[\]"}]\s*,\s*$/.test(tail.slice(0, usage))) return null;
  const answer = parse(`${data}${item}${empty}}],${tail.slice(usage)}`);
  return isObject(answer) ? answer : null;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
