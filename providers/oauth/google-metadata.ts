// The identity of a machine at Google: Compute Engine, GKE with workload identity, and Cloud Run have it at their metadata server.
import { askIssuer, type Issued, issued, parse } from "./exchange.ts";
import { scope } from "./google-credential.ts";

const issuer = "Google's metadata server";

/** Google Cloud documentation, "About VM metadata" and "Authenticate workloads": the header keeps others from asking. */
export async function metadataToken(host: string): Promise<Issued> {
  const account = `http://${host}/computeMetadata/v1/instance/service-accounts/default`;
  const url = `${account}/token?scopes=${encodeURIComponent(scope)}`;
  const { access_token, expires_in } = parse(
    await askIssuer(issuer, url, { headers: { "metadata-flavor": "Google" } }),
  );
  return issued(access_token, expires_in, issuer);
}
