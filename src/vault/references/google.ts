// Google Secret Manager.
import { variable } from "../../../providers/define.ts";
import { googleAuth, googleCloud } from "../../../providers/oauth/google.ts";
import { crc32c } from "./crc32c.ts";
import { ask, objectOf, refusal } from "./http.ts";
import { type Manager, ManagerError, type ManagerHost, type Reading } from "./manager.ts";

const who = "Google Secret Manager";
const usual = "https://secretmanager.googleapis.com";

/** Secret Manager API, `projects.secrets.versions.access`. */
export function googleManager(host: ManagerHost): Manager {
  const authorize = googleAuth({ now: host.now });
  return {
    async read({ address, version }): Promise<Reading> {
      const secret = address.replace(/\/versions\/.*$/, "");
      const named = version ?? /\/versions\/(.*)$/.exec(address)?.[1] ?? "latest";
      const location = /\/locations\/([^/]+)\//.exec(address)?.[1];
      const own = location === undefined ? usual : `https://secretmanager.${location}.rep.googleapis.com`;
      const baseUrl = (variable(host.env, "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER") ?? own).replace(/\/+$/, "");
      const path = `/v1/${secret}/versions/${encodeURIComponent(named)}:access`;
      const identity = await identityOf(host);
      const request = await authorize({ method: "GET", baseUrl, path, headers: {}, body: "" }, identity, {
        readFile: host.readFile,
      });
      const answer = await ask(who, baseUrl + path, { headers: request.headers });
      if (answer.status !== 200) throw refusal(who, answer, objectOf(answer.body.error).status);
      return readingOf(answer.body);
    },
  };
}

/** The checksum is of the bytes as they were stored: one that differs was damaged on its way. */
function readingOf({ name, payload }: Readonly<Record<string, unknown>>): Reading {
  const { data, dataCrc32c } = objectOf(payload);
  if (typeof data !== "string") throw new ManagerError("missing", `${who} answered without a value.`);
  const bytes = Buffer.from(data, "base64");
  if (dataCrc32c !== undefined && Number(dataCrc32c) !== crc32c(bytes)) {
    throw new ManagerError("away", `${who}'s answer was damaged: its checksum differs.`);
  }
  return {
    content: bytes.toString("utf8"),
    version: typeof name === "string" ? (name.split("/").at(-1) ?? null) : null,
    endsAtMs: null,
  };
}

/**
 * Application default credentials, as a secret of `providers/oauth/google.ts` (Google Cloud documentation, "How Application Default
 * Credentials works"): the file of GOOGLE_APPLICATION_CREDENTIALS, that of `gcloud auth application-default login`, the metadata server.
 */
export async function identityOf({ env, readFile }: ManagerHost): Promise<string> {
  const given = variable(env, "GOOGLE_APPLICATION_CREDENTIALS_JSON");
  const file = variable(env, "GOOGLE_APPLICATION_CREDENTIALS");
  const home = variable(env, "CLOUDSDK_CONFIG") ?? `${variable(env, "HOME") ?? ""}/.config/gcloud`;
  const text =
    given ??
    (await readFile(file ?? `${home}/application_default_credentials.json`).catch(() => {
      if (file !== null)
        throw new ManagerError("settings", "The file of GOOGLE_APPLICATION_CREDENTIALS can't be read.");
      return null;
    }));
  const found = googleCloud().fromEnv?.({
    ...env,
    GOOGLE_VERTEX_ACCESS_TOKEN: undefined,
    GOOGLE_VERTEX_METADATA: "true",
    GOOGLE_APPLICATION_CREDENTIALS_JSON: text ?? undefined,
  });
  return found ?? "";
}
