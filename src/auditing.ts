// The trail of an installation, opened the same way by every process of it and for every runtime.
import type { Checkpoint } from "./audit/checkpoint.ts";
import { auditKeyPurpose, openAuditKey } from "./audit/key.ts";
import { type AuditTrail, createTrail } from "./audit/trail.ts";
import type { Clock } from "./clock.ts";
import { newId } from "./keys/id.ts";
import type { Alerts } from "./observe/alerts.ts";
import type { Store } from "./store/port.ts";
import { createSealer } from "./vault/seal.ts";

export interface AuditingParts {
  readonly store: Pick<Store, "audit">;
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  onError(error: unknown): void;
  /** Told when the trail was tampered with; null where nobody keeps alerts. */
  readonly alerts: Pick<Alerts, "raise"> | null;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
  readonly alone?: boolean;
  readonly outlast?: (writing: Promise<void>) => void;
}

/** The alert of a trail whose end is not as it was left. */
export const trailBroken = "audit_trail_broken";

/** @throws Error when the trail's key was sealed under another master key. */
export async function openTrail({ store, masterKey, clock, alerts, ...rest }: AuditingParts): Promise<AuditTrail> {
  return createTrail({
    ...rest,
    store: store.audit,
    signer: await openAuditKey(store.audit, createSealer(masterKey, auditKeyPurpose)),
    now: clock.now,
    newId: (prefix) => newId(prefix, clock.now()),
    onBroken: (found) => {
      alerts?.raise(
        trailBroken,
        "trail",
        `The audit trail was tampered with: ${found}. See \`turnpike audit verify\`.`,
      );
    },
  });
}
