// Receives a form: to its end, or, where it is large and says early what it wants, until the call can begin while it comes in.
import { GatewayError } from "../../errors.ts";
import type { HttpExchange } from "../sink.ts";
import { Form } from "./form.ts";
import type { UploadDeps } from "./spool.ts";
import { heldBytes, Upload } from "./upload.ts";

export interface ReceiveOptions extends UploadDeps {
  /** The request's `content-type`. */
  readonly type: string | null;
  /** Whether the call can begin with the fields and the file that have come. */
  ready(form: Form): boolean;
  /** A failure of our own, for the log. */
  report(error: unknown): void;
}

/**
 * The form once it has come whole, or once more of it has come than is held in memory, and the call can begin: all fields that it
 * needs stand before its first file. Its upload must be closed.
 * @throws GatewayError when it is no form, or too large.
 */
export async function receiveForm(exchange: HttpExchange, options: ReceiveOptions): Promise<Form> {
  const { maxUploadBytes, openSpool, report } = options;
  const { declaredBytes } = exchange;
  if (declaredBytes !== null && declaredBytes > maxUploadBytes) throw tooLarge(maxUploadBytes);
  const upload = new Upload(openSpool);
  const form = new Form(options.type, declaredBytes, upload);
  const received = Promise.withResolvers<Form>();

  const receive = async (): Promise<void> => {
    let begun = false;
    for await (const bytes of exchange.chunks()) {
      if (upload.size + bytes.length > maxUploadBytes) throw tooLarge(maxUploadBytes);
      form.push(bytes);
      await upload.append(bytes);
      if (!begun && upload.size > heldBytes && form.atFirstFile && options.ready(form)) {
        begun = true;
        form.begin();
        received.resolve(form);
      }
      await upload.room();
    }
    form.end();
    upload.end();
    received.resolve(form);
  };

  receive().catch((error: unknown) => {
    if (error instanceof GatewayError && error.cause !== undefined) report(error.cause);
    const failure = error instanceof GatewayError ? error : brokenOff(error);
    upload.fail(failure);
    received.reject(failure);
  });
  try {
    return await received.promise;
  } catch (error) {
    upload.close();
    throw error;
  }
}

export function tooLarge(limitBytes: number): GatewayError {
  const limit = limitBytes >= 1024 * 1024 ? `${Math.floor(limitBytes / 1024 / 1024)} MB` : `${limitBytes} bytes`;
  return new GatewayError("request_too_large", `The request body is larger than this gateway accepts (${limit}).`);
}

/** The client has left, or its connection has: there is nobody left to be told. */
function brokenOff(error: unknown): GatewayError {
  return new GatewayError("invalid_request", "The request body broke off before its end.", { cause: error });
}
