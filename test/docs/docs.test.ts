// What the documentation names is there, and what is there is documented: endpoints, settings, errors, permissions, commands, links.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { endpoints, resources } from "../../src/admin/endpoints.ts";
import { type AppDeps, createApp } from "../../src/app.ts";
import { run } from "../../src/cli/program.ts";
import { errorStatus } from "../../src/errors.ts";
import { codeOf, endpointsIn, type Named, page, pages, section } from "./pages.ts";

const root = new URL("../../", import.meta.url);
const interfacePage = page("docs/interface.md");
const customersSide = section(interfacePage, "## Customers' side");
const operatorsSide = section(interfacePage, "## Operators' side");

/** A route of Hono's as a pattern of whole paths. */
function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replaceAll(/:\w+\{([^}]+)\}|:\w+/g, (_, inner = "[^/]+") => `(?:${inner})`)}$`);
}

const isOf =
  ({ method, path }: Named) =>
  (route: Named): boolean =>
    route.method === method && patternOf(route.path).test(path.replaceAll(/\{\w+\}/g, "x"));

/** Routes are declared before anything is asked of what they use. */
const customers: readonly Named[] = createApp({ admin: new Hono(), run: {}, store: {} } as unknown as AppDeps)
  .app.routes.filter(({ method }) => method !== "ALL" && method !== "OPTIONS")
  .map(({ method, path }) => ({ method, path }));
const admins: readonly Named[] = Object.entries(endpoints).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => ({ method, path })),
);
/** Beside the table of the admin surface. */
const document: Named = { method: "GET", path: "/admin/v1/openapi.json" };

describe("docs/interface.md", () => {
  it("has every endpoint of customers", () => {
    const documented = endpointsIn(customersSide);
    // The same under other bases is told of in a sentence.
    const routes = customers.filter(({ path }) => !/^\/(openai|anthropic|gemini)\//.test(path));
    expect(routes.filter((route) => !documented.some((one) => isOf(one)(route)))).toEqual([]);
  });

  it("has every resource of operators", () => {
    const listed = codeOf(operatorsSide).map((one) => one.split("/")[0]);
    const there = new Set(admins.map(({ path }) => path.split("/")[1] ?? ""));
    expect([...there].filter((resource) => !listed.includes(resource))).toEqual([]);
  });

  it("has every code of errors at its status, and no other", () => {
    const rows = section(customersSide, "### Errors").matchAll(/^\| ([\d, ]+) \| (.*) \|$/gm);
    const listed = [...rows].flatMap(([, statuses = "", codes = ""]) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code = ""]) => [code, statuses.split(", ").map(Number)] as const),
    );
    expect(listed.map(([code]) => code).sort()).toEqual(Object.keys(errorStatus).sort());
    for (const [code, statuses] of listed) expect(statuses, code).toContain(errorStatus[code as never]);
  });
});

describe("docs/settings.md", () => {
  const config = readFileSync(new URL("src/config.ts", root), "utf8");
  const declared = [...config.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = ""]) => name);
  const settings = page("docs/settings.md");
  /** `TURNPIKE_ALERT_NEW_NETWORKS`, and behind it `…_REFUSALS`. */
  const listed = codeOf(settings).map((one) => one.replace(/^…/, "TURNPIKE_ALERT"));

  it("has every setting", () => {
    expect(declared.length).toBeGreaterThan(40);
    expect(declared.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it("has no setting that nobody reads, and no page has one", () => {
    const source = sources().join("\n");
    const named = new Set(pages.flatMap(({ text }) => text.match(/\bTURNPIKE_[A-Z][A-Z_]*[A-Z]\b/g) ?? []));
    // Of the shell's examples, and of what a gateway is given by its own name.
    const others = /^TURNPIKE_(KEY|TOKEN|TOKEN_FILE)$|^TURNPIKE_(OIDC|PROVIDER)_/;
    expect([...named].filter((name) => !source.includes(name) && !others.test(name))).toEqual([]);
  });

  it("and every setting is used where it was read", () => {
    const elsewhere = sources().filter((text) => !text.startsWith("// Every setting, documented"));
    const body = config.slice(config.indexOf("export interface Config {"), config.indexOf("/** A setting that can't"));
    const members = [...body.matchAll(/^ {2,4}readonly (\w+)/gm)].map(([, name = ""]) => name);
    expect(members.length).toBeGreaterThan(40);
    expect(members.filter((name) => !elsewhere.some((text) => new RegExp(`\\b${name}\\b`).test(text)))).toEqual([]);
  });
});

describe.each(pages)("$path", ({ path, text }) => {
  it("names endpoints that there are", () => {
    const wrong = endpointsIn(text).filter((named) => {
      const below = named.path.replace(/^\/admin\/v1(?=\/)/, "");
      return ![...customers, document].some(isOf(named)) && !admins.some(isOf({ ...named, path: below }));
    });
    expect(wrong).toEqual([]);
  });

  it("names permissions that there are", () => {
    const named = codeOf(text).flatMap((code) => [...code.matchAll(/(?<![\w:])([a-z-]+):(?:read|write)\b/g)]);
    expect(named.map(([, resource]) => resource).filter((one) => !resources.includes(one as never))).toEqual([]);
  });

  it("links to pages and headings that there are", () => {
    const wrong = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(([, to = "", anchor]) => {
      const target = new URL(to === "" ? path : to, new URL(path, root));
      if (!existsSync(to === "" ? new URL(path, root) : target)) return true;
      return anchor !== undefined && !anchorsOf(to === "" ? new URL(path, root) : target).includes(anchor);
    });
    expect(wrong.map(([link]) => link)).toEqual([]);
  });

  it.each(commandsIn(text))("names a command that there is: turnpike %s", async (command) => {
    const words = /^(?:[a-z][a-z-]*(?: |$))*/.exec(command)?.[0].trim().split(" ").filter(Boolean) ?? [];
    const help = await helpOf(words);
    const [, known = ""] = /^Usage: turnpike ?((?:[a-z-]+ ?)*)/.exec(help) ?? [];
    const left = words.slice(known.trim().split(" ").filter(Boolean).length);
    expect(left.length === 0 || !/^Usage:.*\[command\]/.test(help), help).toBe(true);
    for (const [option] of command.matchAll(/(?<=\s)--[a-z][a-z-]*/g)) expect(help).toContain(option);
  });
});

/** `credits top-up|list` are two commands. What comes after a pipe or a comment is none. */
function commandsIn(text: string): readonly string[] {
  const commands = codeOf(text).flatMap((code) => {
    const [, command] = /(?:^|[\s("])turnpike ([a-z][^#;)<]*)/.exec(code) ?? [];
    if (command === undefined) return [];
    const [, group, alternatives] = /^([a-z]+) ([a-z-]+(?:\|[a-z-]+)+)/.exec(command) ?? [];
    if (alternatives !== undefined) return alternatives.split("|").map((one) => `${group} ${one}`);
    return [command.split(/ [|>] /)[0]?.trim() ?? ""];
  });
  return [...new Set(commands)];
}

async function helpOf(words: readonly string[]): Promise<string> {
  let said = "";
  const say = (text: string): void => {
    said += text;
  };
  await run([...words, "--help"], { env: {}, out: say, err: say });
  return said;
}

function anchorsOf(target: URL): readonly string[] {
  const headings = readFileSync(target, "utf8").match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function sources(): readonly string[] {
  return ["src", "providers", "bin"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|js)$/.test(name))
      .map((name) => readFileSync(new URL(`${folder}/${name}`, root), "utf8")),
  );
}
