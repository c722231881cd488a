// A genuine OpenID provider (npm `oidc-provider`): its discovery, its keys, and the JWTs that it gives to a client of its own.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import { expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { answerOf, call, exchange, makeRule } from "./setup.ts";

it("the JWTs that a genuine OpenID provider gives its clients are traded and taken directly", async () => {
  const server = createServer((request, response) => void provider.callback()(request, response)).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: "k1", alg: "RS256", use: "sig" }] },
    clients: [
      {
        ...{ client_id: "batch", client_secret: "a-secret-of-the-client-that-is-long-enough" },
        ...{ grant_types: ["client_credentials"], redirect_uris: [], response_types: [] },
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          ...{ scope: "ask", audience: "https://gateway.example", accessTokenFormat: "jwt" as const },
          ...{ accessTokenTTL: 600, jwt: { sign: { alg: "RS256" as const } } },
        }),
      },
    },
  });
  const gateway = await startGateway({ env: { TURNPIKE_SANDBOX: "on", TURNPIKE_LOG_LEVEL: "silent" } });
  try {
    const terms = { subjects: ["batch"], claims: { client_id: "batch", scope: "ask" }, direct: true };
    await makeRule(gateway, { issuer, audiences: ["https://gateway.example"], ...terms });
    const granted = await answerOf(
      await fetch(`${issuer}/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa("batch:a-secret-of-the-client-that-is-long-enough")}` },
        body: new URLSearchParams({
          grant_type: "client_credentials",
          scope: "ask",
          resource: "https://gateway.example",
        }),
      }),
    );
    const token = String(granted.body.access_token);
    const { body } = await exchange(gateway, token);
    expect(body).toMatchObject({ token_type: "Bearer", access_token: expect.stringMatching(/^tp_live_/) });
    expect((await call(gateway, String(body.access_token))).status).toBe(200);
    expect((await call(gateway, token)).status).toBe(200);
  } finally {
    await gateway.close();
    server.closeAllConnections();
    server.close();
  }
});
