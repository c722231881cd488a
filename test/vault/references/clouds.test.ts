// Azure Key Vault and Google Secret Manager are asked with tokens that their issuers gave for what we are.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AzureServer, startAzureServer } from "../../support/managers/azure.ts";
import { audience, type GoogleServer, startGoogleServer } from "../../support/managers/google.ts";
import { createTokenIssuer, type TokenIssuer } from "../../support/managers/tokens.ts";
import { startTokenServer, type TokenServer } from "../../support/token-server.ts";
import { read } from "./opened.ts";

let issuer: TokenIssuer;
let folder: string;
const pod = "system:serviceaccount:llm:turnpike";
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  issuer = await createTokenIssuer();
  folder = mkdtempSync(join(tmpdir(), "turnpike-clouds-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Env = Readonly<Record<string, string>>;

async function opened(env: Env, reference: string) {
  const one = await read(env, reference);
  closing.push(() => one.references.close());
  return one;
}

describe("a secret in Azure Key Vault", () => {
  let azure: AzureServer;
  beforeEach(async () => {
    azure = await startAzureServer(issuer);
    closing.push(() => azure.close());
  });
  const application = (): Env => ({
    AZURE_TENANT_ID: azure.tenant,
    AZURE_CLIENT_ID: azure.client,
    AZURE_CLIENT_SECRET: azure.clientSecret,
    AZURE_AUTHORITY_HOST: azure.url,
  });
  const open = (reference: string, identity: Env = application()) =>
    opened({ AZURE_KEY_VAULT_ENDPOINT: azure.url, ...identity }, reference);

  it("is read in its newest version, in a pinned one, and by a field", async () => {
    const first = azure.put("openai", "one");
    azure.put("openai", '{"key":"two"}', { exp: 4_102_444_800 });
    const newest = await open("azure-kv:my-vault/openai#key");
    expect(newest.value()).toBe("two");
    expect(newest.state().expiresAtMs).toBe(4_102_444_800_000);
    const pinned = await open(`azure-kv:my-vault/openai/${first}`);
    expect([pinned.value(), pinned.state().version]).toEqual(["one", first]);
    expect(azure.refusals).toEqual([]);
  });

  it("is read by an application with a secret", async () => {
    azure.put("openai", "value");
    expect((await open("azure-kv:my-vault/openai")).value()).toBe("value");
    expect(azure.identities).toEqual(["secret"]);
    const wrong = await open("azure-kv:my-vault/openai", { ...application(), AZURE_CLIENT_SECRET: "wrong-secret" });
    expect(wrong.state().lastError?.message).toBe(
      "Microsoft Entra's token endpoint answered with HTTP status 400 (invalid_client).",
    );
  });

  it("is read by a workload whose token is signed by an issuer that Entra trusts", async () => {
    azure.put("openai", "value");
    const file = join(folder, "federated");
    const { AZURE_CLIENT_SECRET: _none, ...rest } = application();
    const identity = { ...rest, AZURE_FEDERATED_TOKEN_FILE: file };
    writeFileSync(file, await issuer.sign(pod, "api://AzureADTokenExchange"));
    expect((await open("azure-kv:my-vault/openai", identity)).value()).toBe("value");
    expect(azure.identities).toEqual(["workload"]);
    writeFileSync(file, (await issuer.sign(pod, "api://AzureADTokenExchange")).replace(/.{20}$/, "A".repeat(20)));
    expect((await open("azure-kv:my-vault/openai", identity)).state().status).toBe("waiting");
  });

  it("is read by the identity of a machine, and of an app of App Service", async () => {
    azure.put("openai", "value");
    const instance = { AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.url };
    expect((await open("azure-kv:my-vault/openai", instance)).value()).toBe("value");
    const app = { IDENTITY_ENDPOINT: `${azure.url}/msi/token`, IDENTITY_HEADER: azure.identityHeader };
    expect((await open("azure-kv:my-vault/openai", app)).value()).toBe("value");
    expect(azure.identities).toEqual(["instance", "app-service"]);
  });

  it("that can't be had is told of", async () => {
    azure.put("off", "value", { enabled: false });
    const missing = await open("azure-kv:my-vault/none");
    expect(missing.state().lastError?.message).toBe("Azure Key Vault answered with HTTP status 404 (SecretNotFound).");
    const disabled = await open("azure-kv:my-vault/off");
    expect(disabled.state().lastError?.message).toBe("Azure Key Vault answered with HTTP status 403 (Forbidden).");
  });

  it("is replaced when its provider refuses it and the vault has another", async () => {
    azure.put("openai", "one");
    const { source, value } = await open("azure-kv:my-vault/openai");
    azure.put("openai", "two");
    expect(await source.renew(source.current())).toBe(true);
    expect(value()).toBe("two");
    expect(azure.identities).toHaveLength(1);
  });
});

describe("a secret in Google Secret Manager", () => {
  let google: GoogleServer;
  let tokens: TokenServer;
  const secret = "projects/p/secrets/openai";
  beforeEach(async () => {
    tokens = await startTokenServer();
    google = await startGoogleServer({ accepts: (token) => tokens.issued.includes(token), issuer });
    closing.push(
      () => tokens.close(),
      () => google.close(),
    );
  });
  const machine = (): Env => ({ GCE_METADATA_HOST: new URL(google.url).host, CLOUDSDK_CONFIG: join(folder, "none") });
  const open = (reference: string, identity: Env = machine()) =>
    opened({ CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${google.url}/`, ...identity }, reference);

  it("is read in its newest version, in a pinned one, and by a field", async () => {
    google.put(secret, '{"key":"ünë"}');
    google.put(secret, "two");
    const newest = await open(`gcp-sm:${secret}/versions/latest`);
    expect([newest.value(), newest.state().version]).toEqual(["two", "2"]);
    expect((await open(`gcp-sm:${secret}/versions/1#key`)).value()).toBe("ünë");
    expect((await open(`gcp-sm:${secret}#key@1`)).value()).toBe("ünë");
    expect((await open(`gcp-sm:${secret}`)).value()).toBe("two");
    expect(google.refusals).toEqual([]);
  });

  it("is read by a service account, whose assertion Google verifies", async () => {
    google.put(secret, "value");
    const file = join(folder, "service-account.json");
    writeFileSync(file, tokens.serviceAccount);
    expect((await open(`gcp-sm:${secret}`, { GOOGLE_APPLICATION_CREDENTIALS: file })).value()).toBe("value");
    expect(tokens.refusals).toEqual([]);
    const well = { CLOUDSDK_CONFIG: folder };
    writeFileSync(join(folder, "application_default_credentials.json"), tokens.serviceAccount);
    expect((await open(`gcp-sm:${secret}`, well)).value()).toBe("value");
    rmSync(join(folder, "application_default_credentials.json"));
  });

  it("is read by a workload of another issuer, whose token Google exchanges", async () => {
    google.put(secret, "value");
    const subject = join(folder, "subject");
    const credential = {
      type: "external_account",
      audience,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${google.url}/sts`,
      credential_source: { file: subject },
    };
    const identity = { GOOGLE_APPLICATION_CREDENTIALS_JSON: JSON.stringify(credential) };
    writeFileSync(subject, await issuer.sign(pod, audience));
    expect((await open(`gcp-sm:${secret}`, identity)).value()).toBe("value");
    writeFileSync(subject, await issuer.sign("system:serviceaccount:other:pod", audience));
    expect((await open(`gcp-sm:${secret}`, identity)).state().lastError?.message).toContain("(invalid_grant)");
  });

  it("is not taken when its checksum differs", async () => {
    google.put(secret, "one");
    const { source, value, state } = await open(`gcp-sm:${secret}`);
    google.put(secret, "two");
    google.damaged(true);
    expect(await source.renew(source.current())).toBe(false);
    expect(value()).toBe("one");
    expect(state().lastError?.message).toContain("checksum differs");
    google.damaged(false);
  });

  it("that can't be had is told of", async () => {
    google.put(secret, "one");
    google.disable(secret, "1");
    const none = await open("gcp-sm:projects/p/secrets/none");
    expect(none.state().lastError?.message).toBe("Google Secret Manager answered with HTTP status 404 (NOT_FOUND).");
    expect((await open(`gcp-sm:${secret}`)).state().lastError?.message).toContain("(FAILED_PRECONDITION)");
    const lost = await open(`gcp-sm:${secret}`, { GOOGLE_APPLICATION_CREDENTIALS: "/does/not/exist" });
    expect(lost.state().lastError?.message).toContain("GOOGLE_APPLICATION_CREDENTIALS can't be read");
  });
});
