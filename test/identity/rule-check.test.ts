// What is wrong with rules, and what is dangerous about them.
import { describe, expect, it } from "vitest";
import { ruleProblem, ruleWarnings } from "../../src/identity/rule-check.ts";

const forge = "https://token.actions.githubusercontent.com";
const rule = (over: Readonly<Record<string, unknown>> = {}) => ({
  ...{ issuer: "https://issuer.example", subjects: null, claims: {}, jwks: null, ca: null, once: false, direct: false },
  ...over,
});
const rsa = { kty: "RSA", n: "AQAB", e: "AQAB", kid: "1" };

describe("a rule", () => {
  it("names an issuer that can be asked over TLS, or brings its keys", () => {
    for (const issuer of [
      "https://issuer.example/realms/a",
      "http://127.0.0.1:8080",
      "http://localhost/x",
      "http://[::1]:1",
    ]) {
      expect(ruleProblem(rule({ issuer })), issuer).toBeNull();
    }
    for (const issuer of [
      ...["http://issuer.example", "http://127.0.0.1.evil.example", "http://169.254.169.254", "ftp://x", "issuer", ""],
      ...["https://user:secret@issuer.example", "https://issuer.example?x=1", "https://issuer.example#x"],
    ]) {
      expect(ruleProblem(rule({ issuer }))?.param, issuer).toBe("issuer");
    }
    expect(ruleProblem(rule({ issuer: "kubernetes/serviceaccount", jwks: { keys: [rsa] } }))).toBeNull();
  });

  it("brings public keys and certificates, and nothing that could sign", () => {
    for (const keys of [
      [{ ...rsa, d: "secret" }],
      [{ kty: "oct", k: "secret" }],
      [rsa, { kty: "oct", k: "s" }],
      [{ ...rsa, use: "enc" }],
    ]) {
      expect(ruleProblem(rule({ jwks: { keys } }))?.param, JSON.stringify(keys)).toBe("jwks");
    }
    expect(ruleProblem(rule({ ca: "no certificate" }))?.param).toBe("ca");
    expect(ruleProblem(rule({ ca: "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----" }))).toBeNull();
    expect(ruleProblem(rule({ ca: "x", jwks: { keys: [rsa] } }))?.param).toBe("ca");
  });

  it("of an issuer that serves everybody says whose tokens it takes", () => {
    for (const over of [
      {},
      { subjects: ["*"] },
      { subjects: ["repo:*"] },
      { subjects: ["repo:acme/shop:*", "repo:*"] },
      { claims: { repository: ["*"] } },
      { claims: { ref: ["refs/heads/main"], actor: ["ada"] } },
    ]) {
      expect(ruleProblem(rule({ issuer: forge, ...over }))?.param, JSON.stringify(over)).toBe("subjects");
      expect(ruleProblem(rule(over)), JSON.stringify(over)).toBeNull();
    }
    for (const over of [
      { subjects: ["repo:acme/shop:ref:refs/heads/main"] },
      { claims: { repository: ["acme/*"] } },
      { claims: { repository_owner_id: ["123"], ref: ["*"] } },
    ]) {
      expect(ruleProblem(rule({ issuer: forge, ...over })), JSON.stringify(over)).toBeNull();
    }
  });

  it("is warned of where it takes more than it seems to", () => {
    const told = (over: Readonly<Record<string, unknown>>) => ruleWarnings(rule(over)).join(" ");
    expect(told({})).toContain("every token of this issuer");
    expect(told({ claims: { ref: ["refs/heads/main"] } })).toContain("every token of this issuer");
    for (const over of [
      { subjects: ["repo:acme*"] },
      { claims: { repository: ["acme*"] } },
      { subjects: ["system:serviceaccount:prod*"] },
    ]) {
      expect(told(over), JSON.stringify(over)).toContain("rest of an owner's name");
    }
    expect(told({ subjects: ["repo:acme/shop:*"] })).toContain("every branch");
    expect(told({ issuer: forge, subjects: ["repo:acme/shop:ref:refs/heads/main"] })).toContain("given to others");
    for (const over of [
      { issuer: forge, subjects: ["repo:acme/shop:environment:prod"], claims: { repository_id: ["1"] } },
      { subjects: ["repo:acme/*"] },
      { subjects: ["system:serviceaccount:prod:*"] },
      { claims: { "/kubernetes.io/namespace": ["prod"] } },
    ]) {
      expect(ruleWarnings(rule(over)), JSON.stringify(over)).toEqual([]);
    }
  });
});
