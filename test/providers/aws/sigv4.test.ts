// Signatures are those of AWS's own signer, whatever the request.
import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AwsKeys, encodeStrictly, signV4 } from "../../../providers/aws/sigv4.ts";

/** The hash that AWS's signer is lent. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string | Uint8Array);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

const model = fc.oneof(
  fc.constantFrom(
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1dadi0g15f",
    "amazon.nova-micro-v1:0",
  ),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(..."!'()*:/%~ +&=.-_aé"), minLength: 1, maxLength: 20 }),
);
const requests = fc.record({
  // A path of dots alone is resolved away by URLs themselves.
  segment: model.map(encodeStrictly).filter((segment) => !/^(\.|%2e)+$/i.test(segment)),
  action: fc.constantFrom("converse", "converse-stream"),
  query: fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), fc.string({ maxLength: 6 }), { maxKeys: 3 }),
  body: fc.string({ unit: "grapheme", maxLength: 80 }),
  method: fc.constantFrom("POST", "GET"),
  type: fc.constantFrom("application/json", " text/plain;  charset=utf-8 "),
  region: fc.constantFrom("us-east-1", "eu-central-1", "ap-southeast-2"),
  port: fc.constantFrom("", ":8080"),
  nowMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) }),
  keys: fc.record({
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{20}$/),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{1,60}$/)),
  }) satisfies fc.Arbitrary<AwsKeys>,
});

describe("a signature", () => {
  it("is the one that AWS's signer makes", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (given) => {
        const url = new URL(`https://bedrock-runtime.${given.region}.amazonaws.com${given.port}`);
        url.pathname = `/model/${given.segment}/${given.action}`;
        for (const [name, value] of Object.entries(given.query)) url.searchParams.set(name, value);
        const { accessKeyId, secretAccessKey, sessionToken } = given.keys;

        const theirs = new SignatureV4({
          service: "bedrock",
          region: given.region,
          sha256: Sha256,
          credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== null && { sessionToken }) },
          applyChecksum: false,
        });
        const signed = await theirs.sign(
          {
            method: given.method,
            protocol: "https:",
            hostname: url.hostname,
            path: url.pathname,
            query: Object.fromEntries(url.searchParams),
            headers: { host: url.host, "content-type": given.type },
            body: given.body,
          },
          { signingDate: new Date(given.nowMs) },
        );

        const ours = signV4(
          { method: given.method, url, headers: { "content-type": given.type }, body: given.body },
          given.keys,
          { service: "bedrock", region: given.region, nowMs: given.nowMs },
        );
        expect(ours.authorization).toBe(signed.headers.authorization);
        expect(ours["x-amz-date"]).toBe(signed.headers["x-amz-date"]);
        expect(ours["x-amz-security-token"]).toBe(signed.headers["x-amz-security-token"]);
      }),
      { numRuns: 1000 },
    );
  });
});
