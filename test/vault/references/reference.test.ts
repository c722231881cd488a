// References are read as they are written, and what is written wrongly is refused with what is expected.
import { describe, expect, it } from "vitest";
import { select } from "../../../src/vault/references/content.ts";
import { crc32c } from "../../../src/vault/references/crc32c.ts";
import { isReference, parseReference, placeOf } from "../../../src/vault/references/reference.ts";
import { fill, readTemplate, withTemplates } from "../../../src/vault/references/template.ts";

describe("a reference", () => {
  it.each([
    ["env:OPENAI_KEY", { scheme: "env", address: "OPENAI_KEY", field: null, version: null }],
    [
      "file:/run/secrets/llm.json#openai.key",
      { scheme: "file", address: "/run/secrets/llm.json", field: "openai.key" },
    ],
    ["file:/run/a key@1?2", { scheme: "file", address: "/run/a key@1?2" }],
    ["vault:secret/team/openai#key@3", { scheme: "vault", address: "secret/team/openai", field: "key", version: "3" }],
    ["vault:secret/a#k?version=2&namespace=t/u", { version: "2", options: { namespace: "t/u" } }],
    ["aws-sm:prod/llm@home#a@AWSPREVIOUS", { address: "prod/llm@home", field: "a", version: "AWSPREVIOUS" }],
    ["aws-sm:name#@AWSPENDING?region=eu-west-1&ttl=5m", { field: null, version: "AWSPENDING", ttlMs: 300_000 }],
    [
      "aws-sm:arn:aws:secretsmanager:eu-west-1:123456789012:secret:llm-a1B2c3?role=arn:aws:iam::1:role/r&max_age=2d",
      { options: { role: "arn:aws:iam::1:role/r" }, maxAgeMs: 172_800_000 },
    ],
    ["aws-ssm:/llm/openai?ttl=90", { address: "/llm/openai", ttlMs: 90_000 }],
    ["azure-kv:my-vault/openai-key/0123456789abcdef", { address: "my-vault/openai-key/0123456789abcdef" }],
    ["gcp-sm:projects/p/secrets/openai/versions/latest#key", { field: "key" }],
  ])("is taken apart: %s", (text, expected) => {
    expect(isReference(text)).toBe(true);
    expect(parseReference(text)).toMatchObject({ text, ...expected });
  });

  it.each(["sk-proj-0123456789", "AKIA:secret:token", "environment", "vault", "env:", "{}", "role:{}"])(
    "is not %s, which is a value",
    (text) => expect(isReference(text)).toBe(false),
  );

  it.each([
    ["env:NOT A NAME", "is not of the form env:NAME"],
    ["env:TURNPIKE_MASTER_KEY", "is not of the form env:NAME"],
    ["file:relative", "is not of the form file:/path"],
    ["vault:secret", "is not of the form vault:mount/path#field"],
    ["vault:secret/../sys/raw#x", "is not of the form"],
    ["gcp-sm:secret", "is not of the form gcp-sm:projects/p/secrets/s/versions/latest"],
    ["azure-kv:vault", "is not of the form azure-kv:vault/secret"],
    ["vault:secret/a#k?ttl=soon", "takes durations like"],
    ["vault:secret/a#k?region=eu-west-1", "has no option `region`; there are ttl, max_age, version, namespace, engine"],
  ])("is refused when it is written wrongly: %s", (text, message) => {
    expect(() => parseReference(text)).toThrow(message);
  });

  it("shares its secret with those that name another field of it, and with no other", () => {
    const place = (text: string) => placeOf(parseReference(text));
    expect(place("vault:db/creds/x#username")).toBe(place("vault:db/creds/x#password?ttl=5m"));
    expect(place("vault:db/creds/x#username")).not.toBe(place("vault:db/creds/x#username?namespace=a"));
    expect(place("vault:db/creds/x#username")).not.toBe(place("vault:db/creds/x#username@2"));
  });
});

describe("a field", () => {
  it.each([
    ["a text\n", null, "a text"],
    ['{"a":"1","b.c":"2","d":{"e":"3"},"n":4}', "a", "1"],
    ['{"a":"1","b.c":"2","d":{"e":"3"},"n":4}', "b.c", "2"],
    ['{"a":"1","b.c":"2","d":{"e":"3"},"n":4}', "d.e", "3"],
    ['{"a":"1","b.c":"2","d":{"e":"3"},"n":4}', "n", "4"],
    ['{"type":"service_account"}', null, '{"type":"service_account"}'],
    [{ key: "only" }, null, "only"],
    [{ account: { type: "x" } }, "account", '{"type":"x"}'],
  ])("is selected from %j by %j", (content, field, value) => expect(select(content, field)).toBe(value));

  it.each([
    ["s3cr3t", "a", "no JSON object"],
    ['{"s3cr3t":1}', "a", "no field `a`"],
    ['{"a":{"b":"s3cr3t"}}', "a.c", "no field `a.c`"],
    [{ a: "s3cr3t", b: "s3cr3t" }, null, "2 fields: name one"],
    ['{"a":" "}', "a", "empty"],
    ['{"a":null}', "a", "empty"],
    ["{}", "toString", "no field"],
  ])("that is missing is told without a value: %j by %j", (content, field, message) => {
    expect(() => select(content, field)).toThrow(message);
    expect(() => select(content, field)).not.toThrow("s3cr3t");
  });
});

describe("a credential that is made of several variables", () => {
  it("holds the references of those that are one", () => {
    const env = {
      AWS_ACCESS_KEY_ID: "vault:aws/creds/x#access_key",
      AWS_SECRET_ACCESS_KEY_2: " file:/k ",
      OTHER: "env:X",
    };
    expect(withTemplates(env, new Set(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]))).toEqual({
      AWS_ACCESS_KEY_ID: `\${vault:aws/creds/x#access_key}`,
      AWS_SECRET_ACCESS_KEY_2: `\${file:/k}`,
      OTHER: "env:X",
    });
  });

  it("is filled with their values, escaped where it is JSON", () => {
    const filled = (text: string) => fill(readTemplate(text) ?? [], ({ address }) => `<"${address}">`);
    expect(filled(`\${env:A}:\${env:B}::eu-west-1`)).toBe('<"A">:<"B">::eu-west-1');
    expect(filled("env:A")).toBe('<"A">');
    expect(JSON.parse(filled(`entra:{"secret":"\${env:A}"}`).slice(6))).toEqual({ secret: '<"A">' });
    expect(readTemplate(`sk-\${USER}`)).toBeNull();
  });
});

it("the checksum of Google's answers is CRC-32C", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.from(""))).toBe(0);
});
