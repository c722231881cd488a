// A refusal or failure of the sandbox, in OpenAI's error shape.

export interface Fault {
  readonly fault: true;
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  readonly param: string | null;
  readonly retryAfterS: number | null;
}

/** A request that is wrong: 400. `param` is the member of the body. */
export function badRequest(message: string, param: string | null, code: string | null = null): Fault {
  return { fault: true, status: 400, type: "invalid_request_error", code, message, param, retryAfterS: null };
}

export function isFault(value: object): value is Fault {
  return "fault" in value;
}

/** The body of an error response, and the data of an error event inside a stream. */
export function faultBody({ message, type, param, code }: Fault): Record<string, unknown> {
  return { error: { message, type, param, code } };
}

/** OpenAI's `type` and `code` for a status (API reference, "Error codes"). */
export function kindOf(status: number): { readonly type: string; readonly code: string | null } {
  switch (status) {
    case 401:
      return { type: "invalid_request_error", code: "invalid_api_key" };
    case 403:
      return { type: "invalid_request_error", code: "insufficient_permissions" };
    case 404:
      return { type: "invalid_request_error", code: "model_not_found" };
    case 429:
      return { type: "requests", code: "rate_limit_exceeded" };
    default:
      return status < 500 ? { type: "invalid_request_error", code: null } : { type: "server_error", code: null };
  }
}
