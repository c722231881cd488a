// What a request body must be before its schema is looked at: small, JSON, and free of members that change objects.
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { GatewayError } from "../errors.ts";
import type { AdminEnv } from "./deps.ts";

export const maxBodyBytes = 1024 * 1024;

/** Refuses a body over 1 MB before it is read. */
export const limitBody = bodyLimit({
  maxSize: maxBodyBytes,
  onError: () => {
    throw new GatewayError("request_too_large", "The body is larger than 1 MB.");
  },
});

/** Reads the body once and refuses what is no plain JSON. An absent body passes: schemas say whether one is needed. */
export const readBody: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const text = await c.req.text();
  c.set("bodyText", text);
  if (text === "") {
    // Some clients name the type of a body that they don't send. Validators go by it, and would miss the body.
    c.req.raw.headers.delete("content-type");
  } else {
    const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (mediaType !== "application/json") {
      throw new GatewayError("unsupported_media_type", "The body must be sent as application/json.");
    }
    if (hasPrototype(parse(text))) {
      throw new GatewayError("invalid_request", "`__proto__` is not known here.", { param: "__proto__" });
    }
  }
  await next();
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError("invalid_json", "The body is not valid JSON.");
  }
}

/** Whether a member `__proto__` hides anywhere. Without recursion: a body may be nested as deep as it is long. */
function hasPrototype(value: unknown): boolean {
  const rest = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== "object" || next === null) continue;
    if (Object.hasOwn(next, "__proto__")) return true;
    for (const inner of Object.values(next)) rest.push(inner);
  }
  return false;
}
