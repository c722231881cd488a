// Samples of stored credentials, and what reads them back, for tests of the vault.
import type { CredentialRecord, CredentialVersion } from "../../src/store/port-credentials.ts";

/** A credential with nothing said of it, and its first version, which has no value yet. */
export function sampleCredential(
  id: string,
  own: Partial<CredentialRecord> = {},
): { readonly credential: CredentialRecord; readonly version: CredentialVersion } {
  return {
    credential: {
      id,
      provider: "openai",
      name: id,
      customer: null,
      enabled: true,
      weight: 1,
      priority: 0,
      models: null,
      limits: {},
      baseUrl: null,
      variables: {},
      labels: {},
      fallback: true,
      feePercent: "0",
      version: 1,
      createdAtMs: 1,
      updatedAtMs: 1,
      expiresAtMs: null,
      lastTest: null,
      ...own,
    },
    version: {
      credentialId: id,
      version: 1,
      envelope: null,
      reference: null,
      fingerprint: null,
      hint: null,
      createdAtMs: 1,
      retiresAtMs: null,
      destroyedAtMs: null,
    },
  };
}
