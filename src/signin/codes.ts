// Second factors that are typed: codes by time, and recovery codes for when the device is lost.
import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { randomBase62 } from "../keys/base62.ts";
import type { Digest } from "../keys/digest.ts";
import type { AdminRecord, ChallengeStore, FactorStore } from "../store/port-admins.ts";
import type { Sealer } from "../vault/seal.ts";
import { otpauthUrl, stepOf, toBase32 } from "./totp.ts";

export interface CodesDeps {
  readonly factors: FactorStore;
  readonly challenges: ChallengeStore;
  readonly sealer: Sealer;
  readonly digest: Digest;
  readonly clock: Clock;
}

export interface Codes {
  /** Gives an administrator a secret for its app, which counts once `confirm` has seen a code of it. */
  begin(admin: Pick<AdminRecord, "id" | "name">): Promise<{ readonly secret: string; readonly url: string }>;
  /** False when the code is wrong or nothing was begun. */
  confirm(adminId: string, code: string): Promise<boolean>;
  /**
   * Whether this is the code of now; none is taken twice.
   * @throws GatewayError `rate_limit_exceeded` after too many tries.
   */
  prove(adminId: string, code: string): Promise<boolean>;
  /** New recovery codes instead of all others; shown once. */
  recovery(adminId: string): Promise<readonly string[]>;
  /** Uses a recovery code up. Throws as `prove` does. */
  recover(adminId: string, code: string): Promise<boolean>;
}

/** Tries in a quarter of an hour, over all processes: a guesser of codes would need years. */
const mostTries = 5;
const windowMs = 15 * 60_000;
const recoveryCodes = 10;

export function createCodes({ factors, challenges, sealer, digest, clock }: CodesDeps): Codes {
  /** Counts a try before it is judged, so that those sent at the same time are counted too. */
  const limited = async (adminId: string, judge: () => Promise<boolean>): Promise<boolean> => {
    const nowMs = clock.now();
    const purpose = `try ${adminId}`;
    const one = digest(`${purpose} ${randomBytes(16).toString("hex")}`);
    await challenges.create({ digest: one, purpose, sealed: Buffer.alloc(0), expiresAtMs: nowMs + windowMs }, nowMs);
    if ((await challenges.count(purpose, nowMs)) > mostTries) {
      throw new GatewayError("rate_limit_exceeded", "Too many wrong codes. Wait a quarter of an hour.", {
        retryAfterMs: windowMs,
      });
    }
    const right = await judge();
    if (right) await challenges.take(one, purpose, nowMs);
    return right;
  };
  const take = async (adminId: string, code: string, expected: "confirmed" | "begun"): Promise<boolean> => {
    const record = await factors.totp(adminId);
    if (record === null || (record.confirmedAtMs === null) !== (expected === "begun")) return false;
    const nowMs = clock.now();
    const step = stepOf(sealer.open(record.sealed, adminId), code, nowMs);
    return step !== null && factors.takeStep(adminId, step, record.confirmedAtMs ?? nowMs);
  };
  return {
    async begin({ id: adminId, name }) {
      const bytes = randomBytes(20);
      const createdAtMs = clock.now();
      const sealed = sealer.seal(bytes, adminId);
      await factors.putTotp({ adminId, sealed, createdAtMs, confirmedAtMs: null, lastStep: 0 });
      const secret = toBase32(bytes);
      return { secret, url: otpauthUrl(secret, { issuer: "Turnpike", account: name }) };
    },
    confirm: (adminId, code) => limited(adminId, () => take(adminId, code, "begun")),
    prove: (adminId, code) => limited(adminId, () => take(adminId, code, "confirmed")),
    async recovery(adminId) {
      // 12 characters of base62 are 71 bits: nothing to guess, and short enough to be written down.
      const codes = Array.from({ length: recoveryCodes }, () => randomBase62(12).replace(/(.{4})(?=.)/g, "$1-"));
      await factors.putRecovery(
        adminId,
        codes.map((code) => digest(`recovery ${code}`)),
      );
      return codes;
    },
    recover: (adminId, code) =>
      limited(adminId, () => factors.takeRecovery(adminId, digest(`recovery ${code.trim()}`))),
  };
}
