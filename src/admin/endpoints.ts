// The table of the admin surface: every path, the methods that it takes, and the permission that each demands.

/** What an administrator may be allowed: to read a resource, or to change it. */
export type Permission = `${Resource}:${"read" | "write"}`;

export const resources = [
  "keys",
  "customers",
  "credits",
  "policies",
  "models",
  "aliases",
  "providers",
  "credentials",
  "routes",
  "usage",
  "alerts",
  "webhooks",
  "audit",
  "admins",
  "rules",
  "settings",
] as const;
export type Resource = (typeof resources)[number];

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Paths are Hono's, below `/admin/v1`. Any method that a path doesn't name gets 405. `/openapi.json` is public. */
export const endpoints: Readonly<Record<string, Readonly<Partial<Record<Method, Permission>>>>> = {
  "/keys": { GET: "keys:read", POST: "keys:write" },
  "/keys/bulk": { POST: "keys:write" },
  "/keys/revoke-leaked": { POST: "keys:write" },
  "/keys/:id": { GET: "keys:read", PATCH: "keys:write", DELETE: "keys:write" },
  "/keys/:id/revoke": { POST: "keys:write" },
  "/keys/:id/suspend": { POST: "keys:write" },
  "/keys/:id/resume": { POST: "keys:write" },
  "/keys/:id/rotate": { POST: "keys:write" },
  "/keys/:id/end-overlap": { POST: "keys:write" },
  "/keys/:id/secrets": { GET: "keys:read" },
  "/customers": { GET: "customers:read", POST: "customers:write" },
  "/customers/:id": { GET: "customers:read", PATCH: "customers:write", DELETE: "customers:write" },
  "/customers/:id/credits": { GET: "credits:read", POST: "credits:write" },
  "/customers/:id/pricing": { PATCH: "credits:write" },
  "/ledger": { GET: "credits:read" },
  "/projects": { GET: "customers:read", POST: "customers:write" },
  "/projects/:customer/:id": { GET: "customers:read", PATCH: "customers:write", DELETE: "customers:write" },
  "/policy-templates": { GET: "policies:read", POST: "policies:write" },
  "/policy-templates/:name": { GET: "policies:read", DELETE: "policies:write" },
  "/alerts": { GET: "alerts:read" },
  "/alerts/:id/acknowledge": { POST: "alerts:write" },
  "/aliases": { GET: "aliases:read", POST: "aliases:write" },
  "/aliases/:name{.+}": { GET: "aliases:read", DELETE: "aliases:write" },
  "/models": { GET: "models:read", POST: "models:write" },
  "/models/:id{.+}": { DELETE: "models:write" },
  "/providers": { GET: "providers:read" },
  "/providers/:id": { GET: "providers:read" },
  "/routes/plan": { POST: "routes:read" },
  "/usage": { GET: "usage:read" },
  "/webhooks": { GET: "webhooks:read", POST: "webhooks:write" },
  "/webhooks/:id": { GET: "webhooks:read", PATCH: "webhooks:write", DELETE: "webhooks:write" },
  "/webhooks/:id/rotate": { POST: "webhooks:write" },
  "/webhooks/:id/test": { POST: "webhooks:write" },
  "/webhooks/:id/deliveries": { GET: "webhooks:read" },
  "/webhooks/:id/deliveries/:delivery/resend": { POST: "webhooks:write" },
};
