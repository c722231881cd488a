// Issuers' keys: rotation, floods of unknown ones, and issuers that are away or say nonsense. Real sockets, a clock that is moved.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Denial } from "../../src/identity/denial.ts";
import { nodeFetchDocument } from "../../src/identity/fetch-document.node.ts";
import { webFetchDocument } from "../../src/identity/fetch-document.ts";
import { createKeySets, type KeySets } from "../../src/identity/key-sets.ts";
import { verifyToken } from "../../src/identity/verify.ts";
import type { RuleTerms } from "../../src/store/port-rules.ts";
import { startIssuer, type TokenIssuer } from "../support/issuer.ts";

const minute = 60_000;
const hour = 60 * minute;

let issuer: TokenIssuer;
let elapsedMs: number;
let troubles: string[];
let keySets: KeySets;
const clock = { now: () => Date.now(), monotonic: () => elapsedMs };
beforeEach(async () => {
  issuer = await startIssuer();
  elapsedMs = 1_000;
  troubles = [];
  keySets = createKeySets({
    fetch: nodeFetchDocument,
    clock,
    onTrouble: (url, error) => troubles.push(`${url}: ${error instanceof Error ? error.message : error}`),
  });
});
afterEach(() => issuer.close());

const verify = (token: string) => {
  const terms = { jwks: null, ca: null } as Pick<RuleTerms, "jwks" | "ca"> as RuleTerms;
  return verifyToken(token, { issuer: issuer.url, terms }, { keySets, clock }).then(
    () => "taken",
    (error: unknown) => (error instanceof Denial ? error.error : String(error)),
  );
};
const questions = () => issuer.asked.filter((path) => path === "/jwks").length;

describe("an issuer's keys", () => {
  it("are asked for once, however many tokens come at first", async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
    expect(new Set(await Promise.all(tokens.map(verify)))).toEqual(new Set(["taken"]));
    expect(issuer.asked).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  });

  it("are asked for anew for a key that came since, and tokens of the old one are taken while it is published", async () => {
    const old = await issuer.token();
    expect(await verify(old)).toBe("taken");
    await issuer.rotate({ keepOld: true });
    elapsedMs += 31_000;
    expect(await verify(await issuer.token())).toBe("taken");
    expect(await verify(old)).toBe("taken");
    await issuer.rotate();
    elapsedMs += 11 * minute;
    // Renewed beside the token that it still serves.
    expect(await verify(old)).toBe("taken");
    await expect.poll(() => verify(old)).toBe("invalid_request");
    expect(await verify(await issuer.token())).toBe("taken");
  });

  it("are asked for twice a minute at most by a flood of tokens of keys that nobody has heard of", async () => {
    expect(await verify(await issuer.token())).toBe("taken");
    const stranger = await startIssuer();
    for (let nth = 0; nth < 60; nth++) {
      elapsedMs += 1_000;
      expect(await verify(await stranger.token({ iss: issuer.url }, { kid: `made-up-${nth}` }))).toBe(
        "invalid_request",
      );
    }
    expect(questions()).toBe(3);
    await stranger.close();
  });

  it("serve for a day when the issuer is away, which is told of and asked every ten seconds at most", async () => {
    const token = () => issuer.token();
    expect(await verify(await token())).toBe("taken");
    issuer.trouble = "broken";
    elapsedMs += hour;
    for (let nth = 0; nth < 5; nth++) {
      expect(await verify(await token())).toBe("taken");
      elapsedMs += 1_000;
    }
    await expect.poll(() => troubles.length).toBe(1);
    elapsedMs += 24 * hour;
    expect(await verify(await token())).toBe("temporarily_unavailable");
    const told = troubles.length;
    expect(await verify(await token())).toBe("temporarily_unavailable");
    expect(troubles.length).toBe(told);
    issuer.trouble = null;
    expect(await verify(await token())).toBe("temporarily_unavailable");
    elapsedMs += 11_000;
    expect(await verify(await token())).toBe("taken");
  });

  it("are not taken from documents that are another's, too large, no sets, or in an unsafe place", async () => {
    const good = { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` };
    const discovery = "/.well-known/openid-configuration";
    for (const [trouble, why] of [
      [500, "status 500"],
      [{ [discovery]: { ...good, issuer: `${issuer.url}/` } }, "another issuer's"],
      [{ [discovery]: { ...good, jwks_uri: "http://169.254.169.254/latest/meta-data" } }, "no usable `jwks_uri`"],
      [{ [discovery]: { ...good, jwks_uri: "file:///etc/passwd" } }, "no usable `jwks_uri`"],
      [{ [discovery]: null }, "another issuer's"],
      [{ "/jwks": { keys: "none" } }, "key set"],
      [{ "/jwks": { keys: Array.from({ length: 101 }, () => ({})) } }, "too large"],
      [{ "/jwks": { keys: [], more: "x".repeat(300_000) } }, ""],
      [{ "/jwks": { keys: [{ kty: "oct", k: "c2VjcmV0", kid: "key-1", alg: "HS256" }] } }, null],
    ] as const) {
      issuer.trouble = trouble as TokenIssuer["trouble"];
      elapsedMs += hour;
      const expected = why === null ? "invalid_request" : "temporarily_unavailable";
      expect(await verify(await issuer.token()), JSON.stringify(trouble).slice(0, 200)).toBe(expected);
      if (why !== null) expect(troubles.at(-1)).toContain(why);
    }
  });

  it("are not fetched past a redirect, nor waited for without end, on either runtime", async () => {
    const target = await startIssuer();
    const server = createServer((request, response) => {
      if (request.url === "/silent") return;
      response.writeHead(302, { location: `${target.url}/jwks` }).end();
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const fetchDocument of [nodeFetchDocument, webFetchDocument]) {
      const options = { ca: null, timeoutMs: 200, maxBytes: 1_000 };
      await expect(fetchDocument(`${url}/away`, options)).rejects.toThrow("status");
      await expect(fetchDocument(`${url}/silent`, options)).rejects.toThrow();
    }
    expect(target.asked).toEqual([]);
    server.closeAllConnections();
    server.close();
    await target.close();
  });
});
