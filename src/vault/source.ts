// Where a credential's value comes from at the moment of a call: a fixed one, a sealed record, or a secrets manager.
import type { Secret } from "./secret.ts";

export interface SecretSource {
  /** The value in force, at once: whoever keeps it fresh does so beside the calls. */
  current(): Secret;
  /** Whether there is no value yet, or none that may be used: calls are not to be sent with it. Absent where there always is one. */
  waiting?(): boolean;
  /**
   * A provider refused this value: read it anew, once for all who ask at the same time.
   * @returns whether there is another value now, with which the call may be tried once more.
   */
  renew(refused: Secret): Promise<boolean>;
}

/** A value that never changes. */
export function fixedSecret(secret: Secret): SecretSource {
  return { current: () => secret, renew: () => Promise.resolve(false) };
}
