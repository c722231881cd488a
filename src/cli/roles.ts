// `turnpike roles`: the same operations as /admin/v1/roles, on the database itself.
import { rolePatch, roleRequest, roleView } from "../admin/admins-view.ts";
import { allRoles, changeable, changeRole, makeRole, removeRole } from "../admin/roles.ts";
import { operator, type ScopeOptions, scopeOf, shownScope } from "./admins.ts";
import { withInstallation } from "./installation.ts";
import { type Io, printJson } from "./io.ts";
import { checked } from "./keys.ts";
import { table } from "./table.ts";

interface Options extends ScopeOptions {
  readonly permission?: readonly string[];
  readonly description?: string;
  readonly secondFactor?: string;
  readonly json?: true;
}

export async function listCommand(io: Io, { json }: Pick<Options, "json">): Promise<void> {
  await withInstallation(io, async (installation) => {
    const data = (await allRoles(installation)).map(roleView);
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    const rows = data.map((role) => ({
      ...role,
      built_in: role.built_in ? "yes" : "",
      scope: shownScope(role.scope),
      permissions: role.permissions.length > 8 ? `${role.permissions.length} of them` : role.permissions.join(", "),
    }));
    io.out(table(["name", "built_in", "scope", "second_factor", "permissions", "description"], rows));
  });
}

export async function createCommand(io: Io, name: string, options: Options): Promise<void> {
  const request = checked(roleRequest, { name, ...said(options) });
  await withInstallation(io, async (installation) => {
    const role = roleView(await makeRole(installation, operator, request));
    if (options.json) printJson(io, role);
    else io.out(`Made ${name}: ${role.permissions.join(", ")}.\n`);
  });
}

export async function updateCommand(io: Io, name: string, options: Options): Promise<void> {
  const patch = checked(rolePatch, said(options));
  await withInstallation(io, async (installation) => {
    const role = roleView(await changeRole(installation, operator, await changeable(installation, name), patch));
    if (options.json) printJson(io, role);
    else io.out(`Changed ${name}: ${role.permissions.join(", ")}.\n`);
  });
}

export async function deleteCommand(io: Io, name: string, { json }: Pick<Options, "json">): Promise<void> {
  await withInstallation(io, async (installation) => {
    await changeable(installation, name);
    await removeRole(installation, name);
    if (json) printJson(io, { name, object: "role", deleted: true });
    else io.out(`Removed ${name}.\n`);
  });
}

function said({ permission, description, secondFactor, ...scope }: Options): Record<string, unknown> {
  return {
    ...scopeOf(scope),
    ...(permission !== undefined && { permissions: permission }),
    ...(description !== undefined && { description }),
    ...(secondFactor !== undefined && { second_factor: secondFactor === "default" ? null : secondFactor }),
  };
}
