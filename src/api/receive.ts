// What every endpoint with a body does first: checks its type, reads it whole, and refuses in the caller's dialect.
import { GatewayError } from "../errors.ts";
import type { AnswerDialect } from "../gateway/call.ts";
import { sendError } from "../gateway/respond.ts";
import type { HttpExchange, Sink } from "../gateway/sink.ts";
import { tooLarge } from "../gateway/upload/receive.ts";
import type { CallWatch } from "../observe/call-watch.ts";

/**
 * Anything that calls itself JSON will do, and so does silence: the body is parsed either way.
 * @throws GatewayError `unsupported_media_type`.
 */
export function checkContentType(type: string | null): void {
  if (type === null || /^application\/([\w.+-]+\+)?json\b/i.test(type.trim())) return;
  throw new GatewayError(
    "unsupported_media_type",
    "The request must be JSON: send the header `content-type: application/json`.",
  );
}

/** @throws GatewayError `request_too_large`. */
export async function readBody(exchange: HttpExchange, limitBytes: number): Promise<string> {
  const body = await exchange.readBody(limitBytes);
  if (body === null) throw tooLarge(limitBytes);
  return body;
}

export interface Refusing {
  readonly sink: Sink;
  readonly dialect: Pick<AnswerDialect, "error">;
  readonly id: string;
  /** Told of who was refused, by the request. */
  readonly watch: Pick<CallWatch, "refuses">;
  readonly asking: object;
  report(error: unknown, callId: string): void;
}

/** Tells the caller why not. What is not a GatewayError is a fault of ours: it is reported, and shown as that only. */
export function refuse(error: unknown, { sink, dialect, id, watch, asking, report }: Refusing): void {
  if (error instanceof GatewayError) watch.refuses(asking, error.code);
  if (sink.gone) return;
  if (!(error instanceof GatewayError)) report(error, id);
  sendError(sink, dialect, shown(error), { "x-request-id": id }, id);
}

function shown(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError("internal_error", "This gateway failed to handle the request. The operator's log says why.");
}
