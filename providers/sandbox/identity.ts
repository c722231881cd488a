// Names that are the same for the same request.

/** 2025-01-01T00:00:00Z, epoch seconds: when the sandbox says that it answered, always. */
export const createdS = 1_735_689_600;

/** 64 bits of a text as hexadecimal digits (FNV-1a, two bases). Not for secrets. */
export function digest(text: string): string {
  return fnv(text, 0x811c9dc5) + fnv(text, 0x050c5d1f);
}

function fnv(text: string, basis: number): string {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
