// Admission: what is reserved and recorded for a call before it may cost anything.

import { GatewayError } from "../errors.ts";
import type { KeyRecord, OpenCall, Settlement } from "../store/port.ts";
import type { Call } from "./call.ts";

/** The part of the journal that a call needs. */
export interface CallJournal {
  open(call: OpenCall): void;
  /** Resolves when the admission is durable; null when it already is. */
  opened(id: string): Promise<void> | null;
  settle(settlement: Settlement): void;
  /** False while records can't be kept: nothing is admitted then. */
  readonly healthy: boolean;
}

export interface Admission {
  readonly key: KeyRecord;
  readonly estimatedInputTokens: number;
}

/**
 * Admits a call of an authenticated key: from here on it has a record, and must be settled exactly once.
 * @throws GatewayError `gateway_overloaded` when its record can't be kept.
 */
export function admit(call: Call, key: KeyRecord, journal: CallJournal): Admission {
  if (!journal.healthy) {
    throw new GatewayError(
      "gateway_overloaded",
      "This gateway can't record usage at the moment, so it admits no calls. Try again shortly.",
      { retryAfterMs: 5_000 },
    );
  }
  const admission: Admission = { key, estimatedInputTokens: estimateInputTokens(call.rawBody.length) };
  journal.open({
    id: call.id,
    keyId: key.id,
    customer: key.customer,
    project: key.project,
    operation: call.operation,
    dialect: call.dialect.id,
    requestedModel: call.models[0] ?? "",
    stream: call.stream,
    openedAtMs: call.openedAtMs,
    estimatedInputTokens: admission.estimatedInputTokens,
  });
  return admission;
}

/** Four UTF-16 units of request to a token: rough, and free. Settlement has the real number. */
function estimateInputTokens(bodyLength: number): number {
  return Math.ceil(bodyLength / 4);
}
