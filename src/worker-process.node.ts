// The program of a worker. The library that gives schemas a method comes before all that has schemas: in a bundle, static imports
// keep no such order.
await import("@hono/zod-openapi");
await import("./working.node.ts");

export {};
