// Envelopes: how what has no member in a Gemini part travels in its `thoughtSignature`, which every client gives back.
import type { Signature } from "../conversation.ts";
import { object } from "../json.ts";
import { readSignature, seal, unseal } from "../seal.ts";
import { asNumber, asObject, asString } from "./wire.ts";

/** What an envelope tells of the part that carries it. */
export interface Envelope {
  /** Another vendor's proof of the part. */
  readonly signature?: Signature;
  /** Reasoning that its vendor encrypted. */
  readonly encrypted?: Signature;
  /** The text is a refusal. */
  readonly refusal?: true;
  /** A function call's arguments as the model wrote them, where `args` gives other bytes. */
  readonly arguments?: string;
  /** A sound's name at its vendor, and what is said in it. */
  readonly audio?: { readonly id: string; readonly transcript: string; readonly expiresAtS: number | null };
  /** How much of the text before it (UTF-16 units, in unsigned parts of the same kind) belongs to this part: a stream sends
   *  the text first, and its proof when that is known. 0 on unsigned reasoning tells that it begins here: unsigned parts of a
   *  kind that follow each other are else the pieces of one, as in a stream. */
  readonly join?: number;
}

/** Base64 of `{"tp":1,`: nine bytes, so that it always begins so. A vendor's own signature is binary. */
const prefix = "eyJ0cCI6MSwi";

/** Base64, because the member is `bytes`: clients in other languages decode it, and write it again in either alphabet. */
export function sealEnvelope(envelope: Envelope): string {
  return seal({ tp: 1, ...envelope });
}

/** Whether Turnpike wrote a `thoughtSignature`. */
export function isSealed(signature: unknown): signature is string {
  return typeof signature === "string" && signature.startsWith(prefix);
}

/** Null for what no Turnpike sealed. One that can't be read any more proves nothing. */
export function openEnvelope(signature: string): Envelope | null {
  if (!isSealed(signature)) return null;
  const sealed = object(unseal(signature)) ?? {};
  const proof = readSignature(sealed.signature);
  const encrypted = readSignature(sealed.encrypted);
  const args = asString(sealed.arguments);
  const audio = asObject<NonNullable<Envelope["audio"]>>(sealed.audio);
  const join = asNumber(sealed.join);
  return {
    ...(proof !== null && { signature: proof }),
    ...(encrypted !== null && { encrypted }),
    ...(sealed.refusal === true && { refusal: true }),
    ...(args !== null && { arguments: args }),
    ...(audio !== null && {
      audio: {
        id: asString(audio.id) ?? "",
        transcript: asString(audio.transcript) ?? "",
        expiresAtS: asNumber(audio.expiresAtS),
      },
    }),
    ...(join !== null && { join }),
  };
}
