// The house keeps its shape: which room may know which, who may touch the runtime, and who may name a provider.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { providers } from "../providers/index.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Rooms of `src/` and the rooms that each may import. Foundations (errors, clock, config) are open to all. */
const rooms: Record<string, readonly string[]> = {
  api: ["identity", "prompts", "gateway", "router", "keys", "vault", "limits", "usage", "audit", "store", "observe"],
  admin: [
    "signin",
    "identity",
    "prompts",
    "gateway",
    "router",
    "keys",
    "vault",
    "limits",
    "usage",
    "audit",
    "store",
    "observe",
  ],
  "config-file": ["admin", "router", "vault"],
  workers: ["router", "limits", "usage", "vault", "store", "observe"],
  gateway: ["router", "keys", "vault", "limits", "usage", "store", "observe"],
  router: ["vault", "usage", "store", "observe"],
  prompts: ["gateway", "limits", "vault", "store", "observe"],
  identity: ["keys", "limits", "audit", "store", "observe"],
  signin: ["keys", "limits", "vault", "audit", "store", "observe"],
  keys: ["limits", "vault", "audit", "store", "observe"],
  vault: ["audit", "store", "observe"],
  limits: ["usage", "store", "observe"],
  usage: ["store", "observe"],
  audit: ["store", "observe"],
  store: ["observe"],
  observe: [],
};
const foundations = new Set(["errors.ts", "clock.ts", "comers.ts", "config.ts"]);

/** Files that are the runtime's side of something and may use it. Everything else must run on Workers too. */
const runtimeFiles =
  /(\.node\.ts|\.undici\.ts|\.sqlite\.ts|src\/(node|cli|bootstrap)\.ts|src\/cli\/.*|src\/store\/(sqlite|lock|location)\.ts|providers\/catalog\/generate\.ts)$/;
const runtimeModules =
  /^(node:(?!crypto$)|undici$|better-sqlite3$|pino$|commander$|@hono\/node-server|drizzle-orm\/better-sqlite3)/;

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const files = ["src", "providers"].flatMap((folder) => sources(join(root, folder)));
const imports = files.flatMap(importsOf);

describe("the house", () => {
  test("has files to look at", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(100);
  });

  test("rooms import only the rooms below them", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      const from = roomOf(file);
      const to = roomOf(target(file, specifier));
      if (from === null || to === null || from === to) return false;
      return !(rooms[from] ?? []).includes(to);
    });
    expect(wrong).toEqual([]);
  });

  test("rooms do not import the entries above them", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      const to = target(file, specifier);
      return roomOf(file) !== null && /^src\/[^/]+\.ts$/.test(to) && !foundations.has(to.slice("src/".length));
    });
    expect(wrong).toEqual([]);
  });

  test("providers import nothing from src", () => {
    const wrong = imports.filter(
      ({ file, specifier, typeOnly }) =>
        file.startsWith("providers/") && target(file, specifier).startsWith("src/") && !typeOnly,
    );
    expect(wrong).toEqual([]);
  });

  test("only the runtime's own files import what runs on Node alone", () => {
    const wrong = imports.filter(
      ({ file, specifier, typeOnly }) => !typeOnly && runtimeModules.test(specifier) && !runtimeFiles.test(file),
    );
    expect(wrong).toEqual([]);
  });

  test("no file outside providers/ names a provider", () => {
    const ids = providers.map(({ id }) => id);
    expect(ids).toContain("openai");
    const named = new RegExp(`(===|!==|case) ?["'](${ids.join("|")})["']|providers/(${ids.join("|")})\\.ts`);
    const wrong = files.filter((file) => file.startsWith("src/") && named.test(read(file)));
    expect(wrong).toEqual([]);
  });

  test("files can be read in one sitting", () => {
    const long = files.filter((file) => read(file).split("\n").length > 400);
    expect(long).toEqual([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function importsOf(file: string): Import[] {
  const statements = read(file).matchAll(
    /^(import|export)( type)?[^;"']*? from ["']([^"']+)["']|import\(["']([^"']+)["']\)/gm,
  );
  return [...statements].map((match) => ({
    file,
    specifier: match[3] ?? match[4] ?? "",
    typeOnly: match[2] !== undefined,
  }));
}

function target(file: string, specifier: string): string {
  return specifier.startsWith(".") ? relative(root, resolve(root, dirname(file), specifier)) : specifier;
}

/** The room of `src/` in which a file stands; null for the entries (the command among them), the foundations, and elsewhere. */
function roomOf(file: string): string | null {
  const folder = /^src\/([^/]+)\//.exec(file)?.[1] ?? null;
  return folder === "cli" ? null : folder;
}
