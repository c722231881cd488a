// What of a value may stand in the trail for ever: no secret, nothing that is no JSON, and not without end.

/** Characters of JSON; a larger value is told of by its size. */
const mostCharacters = 32_768;
const replaced = "[secret]";

/** Keys of this gateway's, and what has their shape. */
const ownKeys = /\btp_(?:[a-z]+_)+[A-Za-z0-9]{20,}/g;
/** Members that hold secrets wherever they stand. Views of the admin API have none of them; bodies of new ones may. */
const secretMember =
  /^(?:secret|client_secret|password|passwd|passphrase|private_key|api_key|apikey|access_token|refresh_token|id_token|token|authorization|cookie|otp|recovery_codes?)$/i;

/** The value with its secrets replaced. */
export function withoutSecrets(value: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (name, member: unknown) => {
      if (secretMember.test(name) && typeof member !== "object" && member !== undefined) return replaced;
      return typeof member === "string" ? member.toWellFormed().replace(ownKeys, replaced) : member;
    });
  } catch {
    return "[unreadable]";
  }
  if (text === undefined) return null;
  if (text.length > mostCharacters) return { omitted: "too large", characters: text.length };
  // Names of members are texts too, and may be broken Unicode.
  return JSON.parse(text.replace(/\\ud[89a-f][0-9a-f]{2}/g, "\\ufffd"));
}
