// Every endpoint of the admin surface against every role: what the table of endpoints says is what happens.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpoints, limitedEndpoints, type Method, type Permission } from "../../src/admin/endpoints.ts";
import { builtInRoles, permissions } from "../../src/admin/roles-access.ts";
import { type AdminServer, startAdmin } from "../support/admin.ts";
import { type Admin, makeAdmin } from "../support/administrators.ts";

interface Cell {
  readonly path: string;
  readonly method: Method;
  readonly permission: Permission;
}

const cells: readonly Cell[] = Object.entries(endpoints).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, permission]) => ({ path, method: method as Method, permission })),
);
const roles = Object.keys(builtInRoles);

/** A path with something in the place of each parameter that nobody has. */
const filled = (path: string): string => path.replace(/:\w+(\{[^}]*\})?/g, "nobody");

let server: AdminServer;
const admins = new Map<string, Admin>();
/** Of customers that nobody else has, with every permission. */
let limited: Admin;

beforeAll(async () => {
  server = await startAdmin();
  for (const role of roles) admins.set(role, await makeAdmin(server, role));
  limited = await makeAdmin(server, "admin", { scope: [{ customer: "acme" }] });
});
afterAll(() => server.close());

/** What came of a request: the code of its error, or its status. */
async function ask(admin: Admin | null, { path, method }: Cell): Promise<{ code: string; message: string }> {
  const body = method === "GET" || method === "DELETE" ? undefined : {};
  const answer =
    admin === null
      ? await fetch(`${server.url}/admin/v1${filled(path)}`, { method, redirect: "manual" })
      : await admin.request(method, filled(path), body);
  const text = await answer.text();
  const type = answer.headers.get("content-type");
  const { error } = (type === "application/json" && text !== "" ? JSON.parse(text) : {}) as {
    error?: { code: string; message: string };
  };
  return error ?? { code: String(answer.status), message: "" };
}

describe("the admin surface", () => {
  test("has a permission for every route that is mounted, and a route for every permission", () => {
    const mounted = server.surface.routes
      .filter(({ method, path }) => method !== "ALL" && path !== "/openapi.json")
      .map(({ method, path }) => `${method} ${path}`);
    expect(mounted.length).toBeGreaterThan(50);
    expect([...new Set(mounted)].sort()).toEqual(cells.map(({ method, path }) => `${method} ${path}`).sort());
  });

  test("knows every permission that an endpoint demands", () => {
    const demanded = new Set(cells.map(({ permission }) => permission));
    for (const leave of ["self", "enrol", "public"] as const) demanded.delete(leave);
    expect(permissions).toEqual(expect.arrayContaining([...demanded]));
  });

  test.each(cells)("tells nobody without a key anything at $method $path", async (cell) => {
    const { code } = await ask(null, cell);
    if (cell.permission === "public") expect(code).not.toBe("invalid_api_key");
    else expect(code).toBe("invalid_api_key");
  });

  describe.each(roles)("for the role %s", (role) => {
    const has = new Set<string>(builtInRoles[role]?.permissions);

    test.each(cells)("$method $path", async (cell) => {
      const admin = admins.get(role);
      if (admin === undefined) throw new Error(`no administrator has the role ${role}`);
      const { code, message } = await ask(admin, cell);
      if (cell.permission.includes(":") && !has.has(cell.permission)) {
        expect({ code, message }).toEqual({
          code: "permission_denied",
          message: `Your role ${role} lacks the permission ${cell.permission}.`,
        });
      } else {
        expect(code).not.toBe("permission_denied");
        expect(code).not.toBe("internal_error");
      }
    });
  });

  test.each(cells)("keeps who is limited to a customer from what concerns all: $method $path", async (cell) => {
    const { code } = await ask(limited, cell);
    const open = !cell.permission.includes(":") || limitedEndpoints[cell.path]?.includes(cell.method) === true;
    if (!open) expect(code).toBe("permission_denied");
    expect(code).not.toBe("internal_error");
  });

  test("prints its matrix", () => {
    const width = Math.max(...cells.map(({ path, method }) => `${method} ${path}`.length));
    const head = `${"".padEnd(width)}  ${roles.join("  ")}  limited`;
    const lines = cells.map(({ path, method, permission }) => {
      const marks = roles.map((role) => {
        const allowed = !permission.includes(":") || builtInRoles[role]?.permissions.includes(permission as never);
        return (allowed ? "yes" : "-").padEnd(role.length);
      });
      const open = !permission.includes(":") || limitedEndpoints[path]?.includes(method) === true;
      return `${`${method} ${path}`.padEnd(width)}  ${marks.join("  ")}  ${open ? "its own" : "-"}`;
    });
    process.stdout.write(`\n${[head, ...lines].join("\n")}\n`);
    expect(lines).toHaveLength(cells.length);
  });
});
