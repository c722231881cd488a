// Where a model's predictions are made, and how a version of it is named (Replicate HTTP API reference, "Predictions").

const deployment = "deployments/";

/** `owner/name`; `owner/name:version`, a version of it; `deployments/owner/name`, one of the account's own. */
export function predictionPath(model: string): string {
  if (versionOf(model) !== null) return "/predictions";
  const place = model.startsWith(deployment) ? deployment : "models/";
  const name = model.startsWith(deployment) ? model.slice(deployment.length) : model;
  return `/${place}${name.split("/").map(encodeURIComponent).join("/")}/predictions`;
}

/** The member that names the version, where the path names no model. */
export function versionMember(model: string): { readonly version?: string } {
  const version = versionOf(model);
  return version === null ? {} : { version };
}

function versionOf(model: string): string | null {
  return /:([0-9a-f]{40,64})$/.exec(model)?.[1] ?? null;
}
