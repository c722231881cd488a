// Changes of webhooks, for the admin surface and the command line.
import type { z } from "zod";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../keys/id.ts";
import { newWebhookSecret } from "../observe/webhooks/sign.ts";
import type { WebhookRecord, WebhookStore } from "../store/port-webhooks.ts";
import type { Sealer } from "../vault/seal.ts";
import { type webhookChanges, type webhookRequest, webhookUrlProblem } from "./webhook-view.ts";

export interface WebhookDeps {
  readonly webhooks: WebhookStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly allowPrivate: boolean;
}

/** A webhook and the secret that it was just given. */
export interface IssuedWebhook {
  readonly webhook: WebhookRecord;
  readonly secret: string;
}

const mostWebhooks = 50;
const hourMs = 3_600_000;

/** @throws GatewayError `invalid_request` for a URL that events can't be sent to; `conflict` when there are 50 already. */
export async function createWebhook(
  { webhooks, sealer, clock, allowPrivate }: WebhookDeps,
  { url, events, description }: z.output<typeof webhookRequest>,
): Promise<IssuedWebhook> {
  checkUrl(url, allowPrivate);
  if ((await webhooks.list()).length >= mostWebhooks) {
    throw new GatewayError("conflict", `There are ${mostWebhooks} webhooks already. Remove one first.`);
  }
  const now = clock.now();
  const id = newId("whk", now);
  const secret = newWebhookSecret();
  const webhook: WebhookRecord = {
    id,
    url,
    description,
    events,
    status: "active",
    disabledReason: null,
    sealedSecret: sealer.seal(Buffer.from(secret), id),
    previousSealedSecret: null,
    previousUntilMs: null,
    createdAtMs: now,
    updatedAtMs: now,
  };
  await webhooks.create(webhook);
  return { webhook, secret };
}

/** @throws GatewayError `not_found`; as `createWebhook`. */
export async function changeWebhook(
  { webhooks, clock, allowPrivate }: WebhookDeps,
  id: string,
  changes: z.output<typeof webhookChanges>,
): Promise<WebhookRecord> {
  checkUrl(changes.url, allowPrivate);
  const { url, events, description, status } = changes;
  const changed = {
    ...(url !== undefined && { url }),
    ...(events !== undefined && { events }),
    ...(description !== undefined && { description }),
    ...(status !== undefined && { status, disabledReason: null }),
  };
  return known(await webhooks.update(id, changed, clock.now()));
}

/** Gives a webhook a new secret; events are signed with the old one as well for so many hours. @throws GatewayError `not_found`. */
export async function rotateWebhook(
  { webhooks, sealer, clock }: WebhookDeps,
  id: string,
  overlapHours: number,
): Promise<IssuedWebhook> {
  const { sealedSecret: previousSealedSecret } = known(await webhooks.get(id));
  const now = clock.now();
  const secret = newWebhookSecret();
  const changes = {
    sealedSecret: sealer.seal(Buffer.from(secret), id),
    previousSealedSecret: overlapHours > 0 ? previousSealedSecret : null,
    previousUntilMs: overlapHours > 0 ? now + overlapHours * hourMs : null,
  };
  return { webhook: known(await webhooks.update(id, changes, now)), secret };
}

/** @throws GatewayError `not_found`. */
export function known<T>(record: T | null): T {
  if (record === null) throw new GatewayError("not_found", "There is no webhook, or no delivery of it, of this id.");
  return record;
}

function checkUrl(url: string | undefined, allowPrivate: boolean): void {
  const problem = webhookUrlProblem(url, allowPrivate);
  if (problem !== null) throw new GatewayError("invalid_request", `\`url\`: ${problem}.`, { param: "url" });
}
