// Layout: the order of an answer's parts. An OpenAI message keeps its text, refusal, tool calls, sound and pictures in
// separate members, so the order among them is lost; where it is not the usual one, a short note of it travels along.

/** A part that is not reasoning. `length` counts UTF-16 units. */
export type Slot =
  | { readonly kind: "text" | "refusal"; readonly length: number }
  | { readonly kind: "call" | "audio" | "image" };

const usualOrder: readonly Slot["kind"][] = ["text", "refusal", "call", "audio", "image"];
const letters: Readonly<Record<Slot["kind"], string>> = { text: "t", refusal: "r", call: "c", audio: "a", image: "i" };

/**
 * @returns A note like `t12 c t5`; null when the parts stand as a reader assumes without one: at most one text, one
 *   refusal, then tool calls, sound, pictures.
 */
export function writeLayout(slots: readonly Slot[]): string | null {
  let usual = true;
  for (let at = 1; at < slots.length; at++) {
    const before = usualOrder.indexOf(slots[at - 1]?.kind ?? "text");
    const here = usualOrder.indexOf(slots[at]?.kind ?? "text");
    if (here < before || (here === before && "length" in (slots[at] ?? {}))) usual = false;
  }
  if (usual) return null;
  return slots.map((slot) => letters[slot.kind] + ("length" in slot ? slot.length : "")).join(" ");
}

/** @returns null when the note can't be read. */
export function readLayout(note: string): readonly Slot[] | null {
  const slots: Slot[] = [];
  for (const word of note.split(" ")) {
    const kind = usualOrder.find((name) => letters[name] === word[0]);
    const length = Number(word.slice(1));
    if (kind === undefined || !Number.isSafeInteger(length) || length < 0) return null;
    slots.push(kind === "text" || kind === "refusal" ? { kind, length } : { kind });
  }
  return slots;
}
