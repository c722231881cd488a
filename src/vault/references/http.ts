// One request to a manager: an answer, or the manager is away. Nothing of an answer or a request stands in an error.
import { ManagerError } from "./manager.ts";

const timeoutMs = 10_000;

export interface Answer {
  readonly status: number;
  header(name: string): string | null;
  /** The members of the JSON object that the body is; none where it is something else. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Ask {
  readonly method?: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * @param who is asked, for messages: "Vault".
 * @throws ManagerError of kind `away` when it can't be reached, or answers with 429 or a 5xx status.
 */
export async function ask(who: string, url: string, { method = "GET", headers, body }: Ask): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body }),
      // What proves who we are goes to the address that the operator gave, and to no other.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    throw new ManagerError("away", `${who} ${late ? "did not answer in time" : "can't be reached"}.`);
  }
  const { status } = response;
  if (status === 429 || status >= 500) {
    const seconds = Number(response.headers.get("retry-after"));
    throw new ManagerError("away", `${who} answered with HTTP status ${status}.`, seconds > 0 ? seconds * 1_000 : null);
  }
  return { status, header: (name) => response.headers.get(name), body: membersOf(text) };
}

/** The error for an answer that is no success. `code` is the manager's own word, shown when it is one. */
export function refusal(who: string, { status }: Answer, code?: unknown): ManagerError {
  const word = typeof code === "string" && /^[\w.#-]{1,80}$/.test(code) ? ` (${code})` : "";
  const kind = status === 404 ? "missing" : "refused";
  return new ManagerError(kind, `${who} answered with HTTP status ${status}${word}.`);
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}
