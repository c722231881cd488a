// Where Vertex AI answers for a project in a location.
import { type Environment, variable } from "../define.ts";
import { googleProject } from "../oauth/google.ts";

/** Null when the environment names no project. The location is `global` unless it names another. */
export function vertexBaseUrl(env: Environment): string | null {
  const project = googleProject(env);
  const location = variable(env, "GOOGLE_VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION") ?? "global";
  return project === null ? null : `https://${hostOf(location)}/v1/projects/${project}/locations/${location}`;
}

/** Regions have a host each, `eu` and `us` are multi-regions (Vertex AI documentation, "Deployments and endpoints"). */
function hostOf(location: string): string {
  if (location === "global") return "aiplatform.googleapis.com";
  if (location === "eu" || location === "us") return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}
