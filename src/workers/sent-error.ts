// Errors on their way between processes: the gateway's own arrive as what they were, others as what they said.
import { type ErrorCode, GatewayError } from "../errors.ts";

export interface SentError {
  readonly message: string;
  /** Of the gateway's own. */
  readonly gateway?: {
    readonly code: ErrorCode;
    readonly status: number;
    readonly param: string | null;
    readonly retryAfterMs: number | null;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Of the system's and the database's. */
  readonly code?: string;
}

export function sentError(error: unknown): SentError {
  if (error instanceof GatewayError) {
    const { code, status, param, retryAfterMs, headers, message } = error;
    return { message, gateway: { code, status, param, retryAfterMs, headers } };
  }
  const code = (error as { readonly code?: unknown } | null)?.code;
  return { message: error instanceof Error ? error.message : String(error), ...(typeof code === "string" && { code }) };
}

export function errorOf({ message, gateway, code }: SentError): Error {
  if (gateway !== undefined) return new GatewayError(gateway.code, message, gateway);
  return code === undefined ? new Error(message) : Object.assign(new Error(message), { code });
}
