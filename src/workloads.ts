// Workload identity of an installation, the same way for every runtime.
import type { FetchDocument } from "./identity/issuer.ts";
import { createKeySets } from "./identity/key-sets.ts";
import { createWorkloads, type Workloads, type WorkloadsDeps } from "./identity/workloads.ts";
import type { KeyRing } from "./keys/ring.ts";
import { describeError, type Log } from "./observe/log.ts";
import type { Store } from "./store/port.ts";

export interface WorkloadParts extends Pick<WorkloadsDeps, "digest" | "clock" | "trail"> {
  readonly store: Pick<Store, "rules">;
  /** Told of the keys that come to be. */
  readonly ring: KeyRing;
  readonly log: Log;
  readonly fetch: FetchDocument;
  /** Where promises may not be shared between requests (Workers). */
  readonly alone?: boolean;
}

export function openWorkloads({
  store,
  ring,
  digest,
  clock,
  trail,
  log,
  fetch,
  alone = false,
}: WorkloadParts): Workloads {
  const keySets = createKeySets({
    fetch,
    clock,
    alone,
    onTrouble: (issuer, error) =>
      log.warn("an issuer of workloads' tokens can't be asked for its keys", { url: issuer, ...describeError(error) }),
  });
  const onChange = (keyId: string): void => ring.forget(keyId);
  return createWorkloads({ rules: store.rules, keySets, digest, clock, trail, onChange });
}
