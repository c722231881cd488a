// Tool call ids that Bedrock takes.
import { createHash } from "node:crypto";
import type { Family } from "../family.ts";

/** API Reference, "ToolUseBlock": `[a-zA-Z0-9_-]+`, at most 64. */
const maxLength = 64;
/** Mistral's models take nine letters and digits, no more and no less. */
const mistralLength = 9;

/** The id itself where it will do, else one derived from it, so that calls and results still match. */
export function callIds(family: Family): (id: string) => string {
  if (family === "mistral") {
    return (id) => (/^[a-zA-Z0-9]{9}$/.test(id) ? id : digest(id).slice(0, mistralLength));
  }
  return (id) => (id.length <= maxLength ? id : `call_${digest(id).slice(0, 32)}`);
}

function digest(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
