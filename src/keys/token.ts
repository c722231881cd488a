// What a token of a workload looks like: a signed JWT, which a rule may have made the secret of a key.

/** Longer ones are refused unread. GitHub's have some 2 KB, GitLab's 3, those with many groups more. */
export const maxTokenLength = 16_384;

/** Whether a text has the shape of a signed JWT (RFC 7519): three parts, the first of which begins `{"`. */
export function looksLikeToken(text: string): boolean {
  return text.startsWith("eyJ") && text.length <= maxTokenLength && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}
