// How administrators sign in at an installation, and from where they come: the same for every runtime.
import type { Context } from "hono";
import type { AdminDeps } from "./admin/deps.ts";
import type { Config } from "./config.ts";
import { trustedProxies } from "./limiting.ts";
import { clientAddress } from "./limits/addresses.ts";
import { createSignIn, type SignInDeps } from "./signin/index.ts";

export interface SigningInParts extends Omit<SignInDeps, "settings"> {
  readonly config: Config;
  /** The address of the peer, as the runtime tells it; null where it does not. */
  peerAddress(c: Context): string | null;
}

/** @throws ConfigError for a trusted proxy that is no address. */
export function signingIn({
  config,
  peerAddress,
  ...parts
}: SigningInParts): Pick<AdminDeps, "signIn" | "clientAddress"> {
  const trusted = trustedProxies(config);
  return {
    signIn: createSignIn({ ...parts, settings: config.signIn }),
    clientAddress: (c) => clientAddress(peerAddress(c), c.req.header("x-forwarded-for") ?? null, trusted) ?? "unknown",
  };
}
