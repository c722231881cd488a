// The secrets of this process, as a log must know them: by hashes of their pieces, never as copies of themselves.

/** From one index of a text to before another. */
export type Range = readonly [from: number, to: number];

export interface KnownSecrets {
  /** From now on no piece of this text is written that is long enough to be told from chance. */
  add(secret: string): void;
  /** Where pieces of known secrets stand in a text: as they are, in base64 of either alphabet, in hex, escaped for URLs or JSON. */
  find(text: string): readonly Range[];
}

/** A piece of this many characters gives a secret away; of a shorter secret (a password) its whole does, down to the shortest. */
const pieceLength = 12;
const shortest = 8;
/** Every fourth piece is remembered: any 15 characters of a secret hold one. */
const stride = 4;
const mostSecrets = 4_096;
const bloomBits = 16;

/** Two polynomial hashes under bases that only this process knows make one number of 53 bits. */
interface Window {
  readonly length: number;
  /** What a character weighs when it leaves the window. */
  readonly weights: readonly [number, number];
}

/** Knows no more than so many secrets; the one that came first is forgotten first. */
export function createKnownSecrets(): KnownSecrets {
  const [one, two] = crypto.getRandomValues(new Uint32Array(2));
  const bases = [(one ?? 0) | 1, (two ?? 0) | 1] as const;
  const windows = [windowOf(pieceLength, bases), windowOf(shortest, bases)] as const;
  /** By window: how many secrets have a piece of this hash. */
  const pieces = windows.map(() => new Map<number, number>());
  const bloom = new Uint8Array(2 ** (bloomBits - 3));
  const secrets = new Map<number, { readonly window: number; readonly hashes: ReadonlySet<number> }>();

  function forgetFirst(): void {
    const [first] = secrets;
    if (first === undefined) return;
    const [id, { window, hashes }] = first;
    secrets.delete(id);
    const known = pieces[window];
    for (const hash of hashes) {
      const count = (known?.get(hash) ?? 1) - 1;
      if (count === 0) known?.delete(hash);
      else known?.set(hash, count);
    }
  }

  return {
    add(secret) {
      if (secret.length < shortest) return;
      const id = hashOf(secret, bases);
      if (secrets.has(id)) return;
      if (secrets.size >= mostSecrets) forgetFirst();
      const window = secret.length < pieceLength + stride ? 1 : 0;
      const hashes = new Set<number>();
      for (const form of formsOf(secret)) {
        for (const piece of piecesOf(form, window === 0 ? pieceLength : shortest)) hashes.add(hashOf(piece, bases));
      }
      secrets.set(id, { window, hashes });
      const known = pieces[window];
      for (const hash of hashes) {
        known?.set(hash, (known.get(hash) ?? 0) + 1);
        const bit = bitOf(hash);
        bloom[bit >> 3] = (bloom[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
    },
    find(text) {
      const found: Range[] = [];
      windows.forEach((window, nth) => {
        const known = pieces[nth];
        if (known !== undefined && known.size > 0) scan(text, window, { bases, known, bloom }, found);
      });
      return found;
    },
  };
}

let made: KnownSecrets | null = null;

/** Of this process: what it writes is one stream, whoever writes. Made with the first secret: Workers draw nothing before a request. */
export const knownSecrets: KnownSecrets = {
  add(secret) {
    if (secret.length < shortest) return;
    made ??= createKnownSecrets();
    made.add(secret);
  },
  find: (text) => made?.find(text) ?? [],
};

interface Lookup {
  readonly bases: readonly [number, number];
  readonly known: ReadonlyMap<number, number>;
  readonly bloom: Uint8Array;
}

function scan(text: string, { length, weights }: Window, { bases, known, bloom }: Lookup, found: Range[]): void {
  let [first, second] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    const code = codeAt(text, index);
    if (index >= length) {
      const gone = codeAt(text, index - length);
      first = (first - Math.imul(gone, weights[0])) | 0;
      second = (second - Math.imul(gone, weights[1])) | 0;
    }
    first = (Math.imul(first, bases[0]) + code) | 0;
    second = (Math.imul(second, bases[1]) + code) | 0;
    if (index < length - 1) continue;
    const hash = joined(first, second);
    const bit = bitOf(hash);
    if (((bloom[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0 || !known.has(hash)) continue;
    found.push([index + 1 - length, index + 1]);
  }
}

function windowOf(length: number, bases: readonly [number, number]): Window {
  const power = (base: number): number => {
    let weight = 1;
    for (let nth = 1; nth < length; nth++) weight = Math.imul(weight, base);
    return weight;
  };
  return { length, weights: [power(bases[0]), power(bases[1])] };
}

function hashOf(text: string, bases: readonly [number, number]): number {
  let [first, second] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    const code = codeAt(text, index);
    first = (Math.imul(first, bases[0]) + code) | 0;
    second = (Math.imul(second, bases[1]) + code) | 0;
  }
  return joined(first, second);
}

function joined(first: number, second: number): number {
  return (first >>> 0) * 0x200000 + (second >>> 11);
}

/** By the high bits of the first hash, which depend on all of its characters. */
function bitOf(hash: number): number {
  return Math.floor(hash / 2 ** (53 - bloomBits));
}

/** The two alphabets of base64 are one, and so are the cases of hex digits and of other letters. */
function codeAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code >= 65 && code <= 90) return code + 32;
  if (code === 45) return 43;
  return code === 95 ? 47 : code;
}

/** A secret as it may stand in a line. */
function formsOf(secret: string): ReadonlySet<string> {
  const bytes = Buffer.from(secret);
  const escaped = JSON.stringify(secret).slice(1, -1);
  return new Set([
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encodeURIComponent(Buffer.from(secret).toString("utf8")),
    bytes.toString("hex"),
    ...[0, 1, 2].map((before) => base64Inside(bytes, before)),
  ]);
}

/** What base64 makes of these bytes with so many before them and any behind, without the characters on which those have a part. */
function base64Inside(bytes: Uint8Array, before: number): string {
  const text = Buffer.concat([new Uint8Array(before), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
  return text.slice(Math.ceil((before * 4) / 3), text.length - shared);
}

function* piecesOf(text: string, length: number): Generator<string> {
  if (text.length < length) return;
  for (let at = 0; at + length < text.length; at += stride) yield text.slice(at, at + length);
  yield text.slice(-length);
}
