// Proves an AWS identity to Google: a signed request that asks AWS who signed it, which Google sends on (AIP-4117, "Determining the
// subject token in AWS").
import type { Machine } from "../define.ts";
import { failure } from "../oauth/exchange.ts";
import { instanceRegion } from "./lease.ts";
import { RoleKeys } from "./role.ts";
import { readSecret } from "./secret.ts";
import { type AwsKeys, signV4 } from "./sigv4.ts";

const verification = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";

export interface AwsSource {
  readonly regional_cred_verification_url?: unknown;
  /** Where the machine's keys are; its host is the metadata service's. */
  readonly url?: unknown;
  readonly imdsv2_session_token_url?: unknown;
  /** An AWS secret of the environment, as `secretFromEnvironment` writes it; absent where there is none. */
  readonly aws?: unknown;
}

export interface Asked {
  /** Whom the proof is for: it is worth nothing to another. */
  readonly audience: string;
  readonly nowMs: number;
  readonly machine: Machine | undefined;
}

/** @throws ProviderError, whose message holds no secret. */
export async function awsSubjectToken(source: AwsSource, { audience, nowMs, machine }: Asked): Promise<string> {
  const { keys, region } = await identity(source, { nowMs, machine });
  const pattern =
    typeof source.regional_cred_verification_url === "string" ? source.regional_cred_verification_url : verification;
  const url = new URL(pattern.replace("{region}", region));
  const signed = signV4({ method: "POST", url, headers: {}, body: "" }, keys, { service: "sts", region, nowMs });
  const headers = { host: url.host, ...signed, "x-goog-cloud-target-resource": audience };
  const request = {
    url: url.href,
    method: "POST",
    headers: Object.entries(headers).map(([key, value]) => ({
      key: key === "authorization" ? "Authorization" : key,
      value,
    })),
  };
  return encodeURIComponent(JSON.stringify(request));
}

async function identity(
  source: AwsSource,
  { nowMs, machine }: Omit<Asked, "audience">,
): Promise<{ readonly keys: AwsKeys; readonly region: string }> {
  const roles = new RoleKeys({ now: () => nowMs });
  const secret = typeof source.aws === "string" ? readSecret(source.aws) : null;
  const place = typeof source.url === "string" && URL.canParse(source.url) ? new URL(source.url).origin : null;
  if (secret !== null && secret.kind !== "bearer") {
    const keys = secret.kind === "keys" ? secret.keys : await roles.of(secret.role, machine);
    const region = secret.region ?? (place === null ? null : await instanceRegion(place));
    if (region !== null) return { keys, region };
  } else if (place !== null) {
    return {
      keys: await roles.of({ kind: "instance", endpoint: place }, machine),
      region: await instanceRegion(place),
    };
  }
  throw failure("authentication", "The Google credential is for AWS, and there are no AWS keys here, or no region.");
}
