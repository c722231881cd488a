// Where the command line keeps its sessions: a file of the user's own that nobody else can read.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Login {
  readonly token: string;
  readonly expires_at: string;
}

/** In the user's configuration folder (XDG Base Directory Specification). */
function folderOf({ XDG_CONFIG_HOME, APPDATA }: Environment): string {
  return join(XDG_CONFIG_HOME || APPDATA || join(homedir(), ".config"), "turnpike");
}

/** The session with a gateway; null when there is none. */
export function readLogin(env: Environment, url: string): Login | null {
  return readAll(env)[url] ?? null;
}

/** The gateway that was signed in to last, of those with a session; null when there is none. */
export function latestLogin(env: Environment): string | null {
  return Object.keys(readAll(env)).at(-1) ?? null;
}

export function keepLogin(env: Environment, url: string, login: Login): void {
  const { [url]: _, ...others } = readAll(env);
  write(env, { ...others, [url]: login });
}

export function forgetLogin(env: Environment, url: string): void {
  const { [url]: _, ...others } = readAll(env);
  write(env, others);
}

function readAll(env: Environment): Readonly<Record<string, Login>> {
  try {
    return JSON.parse(readFileSync(join(folderOf(env), "logins.json"), "utf8")) as Record<string, Login>;
  } catch {
    return {};
  }
}

/** Instead of the file before, in one step, and never for a moment readable by others. */
function write(env: Environment, logins: Readonly<Record<string, Login>>): void {
  const folder = folderOf(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `logins.${process.pid}.json`);
  writeFileSync(draft, `${JSON.stringify(logins, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, join(folder, "logins.json"));
}
