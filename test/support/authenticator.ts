// A passkey authenticator without a browser: real keys (ES256), real CBOR, attestation "none" (WebAuthn level 3, sections 6 and 7).
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";

/** CBOR of what an authenticator says: integers, bytes, texts and maps (RFC 8949). */
function cbor(value: number | string | Uint8Array | ReadonlyMap<number | string, unknown>): Buffer {
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  const pairs = [...value].flatMap(([key, one]) => [cbor(key), cbor(one as Uint8Array)]);
  return Buffer.concat([head(5, value.size), ...pairs]);
}

function head(major: number, size: number): Buffer {
  const type = major << 5;
  if (size < 24) return Buffer.from([type | size]);
  if (size < 256) return Buffer.from([type | 24, size]);
  return Buffer.from([type | 25, size >> 8, size & 0xff]);
}

const sha256 = (data: string | Uint8Array): Buffer => createHash("sha256").update(data).digest();
const [userPresent, userVerified, attested] = [0x01, 0x04, 0x40];

export interface AuthenticatorOptions {
  /** Whether the user showed that it is them: a fingerprint, a PIN. */
  readonly verifies?: boolean;
  /** Whether it counts its signatures; those that are synchronised don't. */
  readonly counts?: boolean;
}

export interface Authenticator {
  /** Answers what `navigator.credentials.create` would be asked on a page of this origin. */
  create(options: unknown, origin: string): Record<string, unknown>;
  /** The same for `navigator.credentials.get`. */
  get(options: unknown, origin: string): Record<string, unknown>;
  /** As a thief's copy would be: the same key, the same count. */
  copy(): Authenticator;
}

/** An authenticator with one passkey. */
export function createAuthenticator({ verifies = true, counts = true }: AuthenticatorOptions = {}): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const id = randomBytes(32);
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  // COSE_Key (RFC 9053, section 7.1): kty EC2, alg ES256, crv P-256.
  const cose = cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, "base64url")],
      [-3, Buffer.from(y, "base64url")],
    ]),
  );

  const withCounter = (from: number): Authenticator => {
    let counter = from;
    const dataOf = (rpId: string, more: number, rest = Buffer.alloc(0)): Buffer => {
      if (counts) counter += 1;
      const count = Buffer.alloc(4);
      count.writeUInt32BE(counts ? counter : 0);
      return Buffer.concat([
        sha256(rpId),
        Buffer.from([userPresent | (verifies ? userVerified : 0) | more]),
        count,
        rest,
      ]);
    };
    const said = (type: string, challenge: string, origin: string): Buffer =>
      Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
    const credential = (response: Record<string, string | string[]>) => ({
      id: id.toString("base64url"),
      rawId: id.toString("base64url"),
      type: "public-key",
      clientExtensionResults: {},
      response,
    });
    return {
      create(options, origin) {
        const { challenge, rp } = options as { challenge: string; rp: { id: string } };
        const length = Buffer.from([0, id.length]);
        const authData = dataOf(rp.id, attested, Buffer.concat([Buffer.alloc(16), length, id, cose]));
        const attestation = new Map<string, unknown>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", authData],
        ]);
        return credential({
          clientDataJSON: said("webauthn.create", challenge, origin).toString("base64url"),
          attestationObject: cbor(attestation).toString("base64url"),
          transports: ["internal"],
        });
      },
      get(options, origin) {
        const { challenge, rpId } = options as { challenge: string; rpId: string };
        const clientData = said("webauthn.get", challenge, origin);
        const authData = dataOf(rpId, 0);
        const signature = createSign("sha256")
          .update(Buffer.concat([authData, sha256(clientData)]))
          .sign(privateKey);
        return credential({
          clientDataJSON: clientData.toString("base64url"),
          authenticatorData: authData.toString("base64url"),
          signature: signature.toString("base64url"),
        });
      },
      copy: () => withCounter(counter),
    };
  };
  return withCounter(0);
}
