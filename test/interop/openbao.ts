// OpenBao, in its development mode: engines, namespaces, logins, what is on loan, and a rotation under load.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import { startGateway } from "../support/gateway.ts";
import { startKeyCheckingUpstream } from "../support/managers/key-checking-upstream.ts";
import { check, freePort, read, stop, up, valueAt, wrapsBy } from "./manager-checks.ts";

const rootToken = "root-of-the-interop-run";

/** @param bao the program. */
export async function withOpenBao(bao: string): Promise<void> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const args = [
    "server",
    "-dev",
    `-dev-root-token-id=${rootToken}`,
    `-dev-listen-address=127.0.0.1:${port}`,
    "-dev-no-store-token",
  ];
  const server = spawn(bao, args, { stdio: "ignore" });
  const env = { BAO_ADDR: address, BAO_TOKEN: rootToken };

  async function put(path: string, body: unknown, namespace = ""): Promise<Record<string, never>> {
    const headers = { "x-vault-token": rootToken, "x-vault-namespace": namespace };
    const response = await fetch(`${address}/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text).data;
  }
  const get = async (path: string): Promise<Record<string, string>> =>
    (await (await fetch(`${address}/v1/${path}`, { headers: { "x-vault-token": rootToken } })).json()).data;

  try {
    await up(`${address}/v1/sys/health`);
    await put("sys/policies/acl/llm", {
      policy: 'path "secret/*" { capabilities = ["read"] }\npath "rabbitmq/*" { capabilities = ["read"] }',
    });
    await put("secret/data/openai", { data: { key: "one", other: "beside" } });
    await put("secret/data/openai", { data: { key: "two", other: "beside" } });

    await check("OpenBao: the second version of the key-value engine is read, by field and by version", async () => {
      assert.equal(await valueAt(env, "vault:secret/openai#key"), "two");
      assert.equal(await valueAt(env, "vault:secret/openai#other@1"), "beside");
      assert.equal(await valueAt(env, "vault:secret/openai#key?version=1"), "one");
      assert.match(await valueAt(env, "vault:secret/none#key"), /404/);
      await put("secret/delete/openai", { versions: [1] });
      assert.match(await valueAt(env, "vault:secret/openai#key@1"), /was deleted/);
    });

    await check(
      "OpenBao: the first version of the key-value engine is read, at a mount of several segments",
      async () => {
        await put("sys/mounts/team/old", { type: "kv", options: { version: "1" } });
        await put("team/old/openai", { key: "old" });
        assert.equal(await valueAt(env, "vault:team/old/openai"), "old");
      },
    );

    await check(
      "OpenBao: a key of the transit engine wraps the keys of the vault, for their purpose alone",
      async () => {
        await put("sys/mounts/transit", { type: "transit" });
        await put("transit/keys/turnpike", {});
        await wrapsBy("vault-transit:transit/turnpike", env);
      },
    );

    await check("OpenBao: a namespace is read by its name", async () => {
      await put("sys/namespaces/division", {});
      await put("sys/mounts/secret", { type: "kv", options: { version: "2" } }, "division");
      await put("secret/data/openai", { data: { key: "of-the-division" } }, "division");
      assert.equal(await valueAt(env, "vault:secret/openai#key?namespace=division"), "of-the-division");
      assert.equal(await valueAt({ ...env, BAO_NAMESPACE: "division" }, "vault:secret/openai#key"), "of-the-division");
    });

    await put("sys/auth/approle", { type: "approle" });
    await put("auth/approle/role/llm", { token_policies: "llm", token_ttl: "3s", token_max_ttl: "6s" });
    const { role_id } = await get("auth/approle/role/llm/role-id");
    const { secret_id } = await put("auth/approle/role/llm/secret-id", {});
    const appRole = { BAO_ADDR: address, BAO_ROLE_ID: String(role_id), BAO_SECRET_ID: String(secret_id) };

    await check("OpenBao: a login by AppRole is renewed, and made anew when its token may live no longer", async () => {
      const one = await read(appRole, "vault:secret/openai#key?ttl=1s");
      for (let second = 0; second < 9; second++) {
        await sleep(1_000);
        assert.equal(one.state()?.failures, 0, one.state()?.lastError?.message);
      }
      assert.equal(one.value(), "two");
      one.close();
      assert.match(await valueAt(appRole, "vault:team/old/openai?engine=kv-v1"), /does not let our token/);
      assert.match(
        await valueAt({ ...appRole, BAO_SECRET_ID: "wrong" }, "vault:secret/openai#key"),
        /login by approle/,
      );
    });

    await check("OpenBao: a login by a signed token is taken, and one of another key is not", async () => {
      const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
      const stranger = await generateKeyPair("RS256");
      await put("sys/auth/jwt", { type: "jwt" });
      await put("auth/jwt/config", { jwt_validation_pubkeys: [await exportSPKI(publicKey)] });
      const role = { role_type: "jwt", user_claim: "sub", bound_audiences: ["vault"], token_policies: "llm" };
      await put("auth/jwt/role/llm", role);
      const token = (key: CryptoKey) =>
        new SignJWT({ sub: "pod" })
          .setProtectedHeader({ alg: "RS256" })
          .setAudience("vault")
          .setIssuedAt()
          .setExpirationTime("5m")
          .sign(key);
      const login = async (key: CryptoKey) => ({ BAO_ADDR: address, BAO_ROLE: "llm", BAO_JWT: await token(key) });
      assert.equal(await valueAt(await login(privateKey), "vault:secret/openai#key"), "two");
      assert.match(await valueAt(await login(stranger.privateKey), "vault:secret/openai#key"), /login by jwt/);
    });

    await check("OpenBao: a user on loan is prolonged, and replaced when it can be prolonged no more", async () => {
      const users = new Set<string>();
      const broker = createServer((request, response) => {
        const user = /^\/api\/users\/([^/]+)$/.exec(request.url ?? "")?.[1];
        if (user !== undefined) request.method === "DELETE" ? users.delete(user) : users.add(user);
        request.resume().on("end", () => response.writeHead(204).end());
      }).listen(0, "127.0.0.1");
      try {
        await new Promise((ready) => broker.once("listening", ready));
        const uri = `http://127.0.0.1:${(broker.address() as AddressInfo).port}`;
        await put("sys/mounts/rabbitmq", { type: "rabbitmq" });
        await put("rabbitmq/config/connection", {
          connection_uri: uri,
          username: "u",
          password: "p",
          verify_connection: false,
        });
        await put("rabbitmq/config/lease", { ttl: 3, max_ttl: 6 });
        await put("rabbitmq/roles/llm", {
          vhosts: JSON.stringify({ "/": { configure: ".*", write: ".*", read: ".*" } }),
        });
        const one = await read(env, "vault:rabbitmq/creds/llm#username");
        const seen = new Set<string>();
        for (let tenth = 0; tenth < 120; tenth++) {
          assert.ok(users.has(one.value()), `${one.value()} is taken back`);
          seen.add(one.value());
          await sleep(100);
        }
        one.close();
        // Twelve seconds of users that live three at a time and six at most.
        assert.ok(seen.size >= 2 && seen.size <= 5, `${seen.size} users`);
      } finally {
        broker.close();
      }
    });

    await check("OpenBao: a provider's key that is rotated there costs no client a call", async () => {
      await put("secret/data/openai", { data: { key: "sk-key-number-0-0123456789" } });
      const upstream = await startKeyCheckingUpstream("sk-key-number-0-0123456789");
      const gateway = await startGateway({
        env: {
          ...appRole,
          OPENAI_BASE_URL: upstream.url,
          OPENAI_API_KEY: "vault:secret/openai#key",
          TURNPIKE_MAX_ATTEMPTS: "1",
        },
      });
      const call = async (): Promise<number> => {
        const response = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
          body: JSON.stringify({ model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] }),
        });
        await response.text();
        return response.status;
      };
      try {
        const statuses: Promise<number>[] = [];
        for (let sent = 0; sent < 400; sent++) {
          if (sent % 100 === 50) {
            const key = `sk-key-number-${sent}-0123456789`;
            await put("secret/data/openai", { data: { key } });
            upstream.key = key;
          }
          statuses.push(call());
          await sleep(5);
        }
        assert.deepEqual([...new Set(await Promise.all(statuses))], [200]);
        assert.equal(upstream.served.size, 5);
      } finally {
        await gateway.close();
        await upstream.close();
      }
    });
  } finally {
    await stop(server);
  }
}
