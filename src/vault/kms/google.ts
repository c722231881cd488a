// Google Cloud KMS: a symmetric key that never leaves it.
import { variable } from "../../../providers/define.ts";
import { googleAuth } from "../../../providers/oauth/google.ts";
import { crc32c } from "../references/crc32c.ts";
import { identityOf } from "../references/google.ts";
import { ask, objectOf, refusal } from "../references/http.ts";
import type { ManagerHost } from "../references/manager.ts";
import type { Kms } from "../wrapper.ts";
import { base64, bytesOf, KmsError } from "./kms.ts";

const who = "Google Cloud KMS";
const usual = "https://cloudkms.googleapis.com";

/**
 * Cloud KMS API, `projects.locations.keyRings.cryptoKeys.encrypt` and `.decrypt`. Checksums both ways, as Google asks for
 * ("Verifying end-to-end data integrity").
 * @param key `projects/…/locations/…/keyRings/…/cryptoKeys/…`.
 */
export function googleKms(key: string, host: ManagerHost): Kms {
  if (!/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(key)) {
    throw new KmsError("gcp-kms: takes projects/…/locations/…/keyRings/…/cryptoKeys/….");
  }
  const baseUrl = (variable(host.env, "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS") ?? usual).replace(/\/+$/, "");
  const authorize = googleAuth({ now: host.now });

  async function call(operation: "encrypt" | "decrypt", members: Readonly<Record<string, unknown>>) {
    const body = JSON.stringify(members);
    const path = `/v1/${key}:${operation}`;
    const unsigned = { method: "POST" as const, baseUrl, path, headers: { "content-type": "application/json" }, body };
    const request = await authorize(unsigned, await identityOf(host), { readFile: host.readFile });
    const answer = await ask(who, baseUrl + path, { method: "POST", headers: request.headers, body });
    if (answer.status !== 200) throw refusal(who, answer, objectOf(answer.body.error).status);
    return answer.body;
  }

  return {
    name: `gcp-kms:${key}`,
    async encrypt(plain, about) {
      const answer = await call("encrypt", {
        plaintext: base64(plain),
        plaintextCrc32c: String(crc32c(plain)),
        ...bound(about),
      });
      if (answer.verifiedPlaintextCrc32c !== true) throw damaged();
      return checked(bytesOf(answer.ciphertext, who), answer.ciphertextCrc32c);
    },
    async decrypt(ciphertext, about) {
      const answer = await call("decrypt", {
        ciphertext: base64(ciphertext),
        ciphertextCrc32c: String(crc32c(ciphertext)),
        ...bound(about),
      });
      return checked(bytesOf(answer.plaintext, who), answer.plaintextCrc32c);
    },
  };
}

function bound(about: string) {
  const bytes = Buffer.from(about);
  return {
    additionalAuthenticatedData: base64(bytes),
    additionalAuthenticatedDataCrc32c: String(crc32c(bytes)),
  };
}

/** 64-bit integers come as text. */
function checked(bytes: Uint8Array, checksum: unknown): Uint8Array {
  if (String(checksum) !== String(crc32c(bytes))) throw damaged();
  return bytes;
}

function damaged(): KmsError {
  return new KmsError(`${who} and this gateway disagree about a checksum: bytes were damaged on their way. Try again.`);
}
