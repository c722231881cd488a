// Gives a request to an AWS service its identity, whichever form the credential has.
import type { Authorize, UpstreamRequest } from "../define.ts";
import { RoleKeys } from "./role.ts";
import { readSecret } from "./secret.ts";
import { type AwsKeys, signV4 } from "./sigv4.ts";

export interface AwsAuthOptions {
  /** The name that signatures are scoped to, e.g. `bedrock`. */
  readonly service: string;
  /** For base URLs that name no region, with secrets that name none. */
  readonly fallbackRegion: string;
  readonly now?: () => number;
}

/**
 * Signs each request anew, over exactly its path and body: a retry needs a signature of its own time. Of the headers,
 * `content-type` is signed beside those that must be, so that whatever is added on the way harms nothing.
 */
export function awsAuth(options: AwsAuthOptions): Authorize {
  const now = options.now ?? Date.now;
  const roleKeys = new RoleKeys({ now });

  const signed = (request: UpstreamRequest, keys: AwsKeys, region: string | null): UpstreamRequest => {
    const url = new URL(request.baseUrl + request.path);
    const type = request.headers["content-type"];
    const added = signV4(
      {
        method: request.method,
        url,
        headers: type === undefined ? {} : { "content-type": type },
        body: request.body,
      },
      keys,
      { service: options.service, region: regionOf(url) ?? region ?? options.fallbackRegion, nowMs: now() },
    );
    return { ...request, headers: { ...request.headers, ...added } };
  };

  return (request, secret, machine) => {
    const credential = readSecret(secret);
    switch (credential.kind) {
      case "bearer":
        return { ...request, headers: { ...request.headers, authorization: `Bearer ${credential.token}` } };
      case "keys":
        return signed(request, credential.keys, credential.region);
      case "role":
        return roleKeys.of(credential.role, machine).then((keys) => signed(request, keys, credential.region));
    }
  };
}

/**
 * `bedrock-runtime.eu-west-1.amazonaws.com`, `vpce-….bedrock-runtime.us-east-1.vpce.amazonaws.com`,
 * `….amazonaws.com.cn`.
 */
const awsHost = /(?:^|\.)([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

function regionOf(url: URL): string | null {
  return awsHost.exec(url.hostname)?.[1] ?? null;
}
