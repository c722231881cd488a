// Webhooks on Workers, by the platform's fetch, which reaches no private network.
import { DeliveryProblem, type Post } from "./deliver.ts";

export function fetchPost({ timeoutMs }: { readonly timeoutMs: number }): Post {
  return async (url, headers, body) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      await answer.body?.cancel();
      return { status: answer.status, retryAfter: answer.headers.get("retry-after") };
    } catch (error) {
      if (signal.aborted) throw new DeliveryProblem(`the receiver did not answer within ${timeoutMs} ms`);
      throw error;
    }
  };
}
