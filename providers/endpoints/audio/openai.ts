// Speech and listening in OpenAI's shape (OpenAI API reference, "Audio"), which the others that have them took over.
import type { EndpointDialect } from "../endpoint.ts";
import { passed } from "../passed.ts";

/** A text spoken: sound, streamed as it comes. */
export function openaiSpeech(path = "/audio/speech"): EndpointDialect {
  return passed({ path });
}

/** A file of sound as text, in its own language or in English. */
export function openaiListening(path: "/audio/transcriptions" | "/audio/translations"): EndpointDialect {
  return passed({ path });
}
