// `turnpike openapi`: the admin surface's document, without a server.
import { adminDocument } from "../admin/document.ts";
import { type Io, printJson } from "./io.ts";

export function openapiCommand(io: Io): void {
  printJson(io, adminDocument());
}
