// What this code uses of the modules that only the Workers runtime has. Its own types package would replace Node's globals.
declare module "cloudflare:workers" {
  /** Keeps the current request's context alive until the promise is settled (30 s at most once the client is gone). */
  export function waitUntil(promise: Promise<unknown>): void;
}
