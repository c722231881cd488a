// The registry: what every provider must keep to, whoever adds it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalogRows } from "../../providers/catalog/rows.ts";
import { type Provider, type UpstreamRequest, variablesOf } from "../../providers/define.ts";
import { providers } from "../../providers/index.ts";

const remote = providers.filter(({ local }) => local === null);
const named = remote.map((provider) => [provider.id, provider] as const);
const inCatalogue = new Set(catalogRows().map(({ provider }) => provider));
const docs = readFileSync(new URL("../../docs/providers.md", import.meta.url), "utf8");

/** Servers of the operator's own, whose models no catalogue can know. */
const notInCatalogue = ["llamacpp", "ollama", "vllm"];
/** Catalogue ids that no provider serves, and why. */
const notServed: Readonly<Record<string, string>> = {
  lambda: "its inference API was shut down in September 2025",
};

/** Variables that several providers read, because they are one account's. */
const shared = /^(AWS|GOOGLE|AZURE)_/;

describe("the registry", () => {
  it("names each provider once", () => {
    const ids = providers.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids.length).toBeGreaterThan(55);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it("serves every chat provider of the catalogue, or says why not", () => {
    const served = new Set(providers.map(({ id }) => id));
    const chat = new Set(catalogRows().flatMap(({ provider, mode }) => (mode === "chat" ? [provider] : [])));
    const missing = [...chat].filter((id) => !served.has(id)).sort();
    expect(missing).toEqual(Object.keys(notServed));
  });

  it("reads no variable for two providers, so that a key goes to nobody but whom it is for", () => {
    const readers = new Map<string, string[]>();
    for (const { id, env, baseUrlEnv } of remote) {
      for (const name of [...env, baseUrlEnv]) readers.set(name, [...(readers.get(name) ?? []), id]);
    }
    expect([...readers].filter(([name, ids]) => ids.length > 1 && !shared.test(name))).toEqual([]);
  });

  it.each(named)("%s is told to readers in the table of docs/providers.md", (_id, provider) => {
    expect(docs).toContain(row(provider));
  });

  it.each(named)("%s has the catalogue's id", (id) => {
    expect(inCatalogue.has(id)).toBe(!notInCatalogue.includes(id));
  });

  it.each(named)("%s is reached by HTTPS, or is the operator's own", (_id, { baseUrl, selfHosted }) => {
    const places = variablesOf(baseUrl);
    const url = new URL(places.reduce((text, name) => text.replace(`{${name}}`, "here"), baseUrl));
    if (selfHosted) expect(url.hostname).toBe("127.0.0.1");
    else expect(url.protocol).toBe("https:");
    expect(baseUrl).not.toMatch(/[/?#]$/);
    expect(url.search + url.username + url.password).toBe("");
  });

  it.each(named)("%s is configured by variables of conventional names", (_id, { env, baseUrlEnv, selfHosted }) => {
    for (const name of env) expect(name).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/);
    expect(baseUrlEnv).toMatch(/_(BASE_URL|ENDPOINT)$/);
    expect(env.length > 0 || selfHosted).toBe(true);
  });

  const keyed = named.filter(
    ([, { env, secretFrom }]) => env[0] !== undefined && secretFrom({ [env[0]]: "s3cr3t-key" }) === "s3cr3t-key",
  );
  it.each(keyed)("%s is given its key in a header, never in the URL or the body", async (_id, provider) => {
    const request: UpstreamRequest = {
      method: "POST",
      baseUrl: "https://h/v1",
      path: "/p",
      headers: { a: "b" },
      body: "{}",
    };
    const { headers, course: _, ...rest } = await provider.authorize(request, "s3cr3t-key");
    expect({ ...rest }).toEqual({ method: "POST", baseUrl: "https://h/v1", path: "/p", body: "{}" });
    expect(headers.a).toBe("b");
    if (provider.env.length > 0) expect(Object.values(headers).join()).toContain("s3cr3t-key");
  });
});

/** A provider's row in docs/providers.md. */
function row({ id, name, env, baseUrl, baseUrlEnv, selfHosted, dialects }: Provider): string {
  const code = (text: string) => `\`${text}\``;
  const needed = [...env.map(code).slice(0, 1), ...variablesOf(baseUrl).map(code)].join(" + ");
  const others = env.slice(1).map(code).join(", ");
  const optional = needed === "" ? "none needed" : `none needed, or ${needed}`;
  const key = selfHosted ? optional : others === "" ? needed : `${needed} (or ${others})`;
  return `| ${code(id)} | ${name} | ${key} | ${code(baseUrlEnv)} | ${dialects.map((one) => one.id).join(", ") || "no chat"} |`;
}
