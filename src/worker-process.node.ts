// The program of a worker.
// Before all else: it gives schemas a method.
import "@hono/zod-openapi";
import "./working.node.ts";
