// `turnpike webhooks`: the same operations as /admin/v1/webhooks, on the database itself. A running gateway notices at once.
import { changeWebhook, createWebhook, known, rotateWebhook, type WebhookDeps } from "../admin/webhook-changes.ts";
import { deliveryView, webhookChanges, webhookRequest, webhookView } from "../admin/webhook-view.ts";
import { createNotifying, deliveryTimeoutMs } from "../notifying.ts";
import { nodeLog } from "../observe/log.node.ts";
import { undiciPost } from "../observe/webhooks/post.undici.ts";
import type { DeliveryState, WebhookRecord } from "../store/port-webhooks.ts";
import { createSealer } from "../vault/seal.ts";
import { type Installation, withInstallation } from "./installation.ts";
import { CommandError, type Io, printJson } from "./io.ts";
import { checked, readOverlap } from "./keys.ts";
import { table } from "./table.ts";

interface Json {
  readonly json?: true;
}

export interface WebhookOptions extends Json {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly description?: string;
  readonly status?: string;
}

export async function addCommand(io: Io, url: string, options: WebhookOptions): Promise<void> {
  const request = checked(webhookRequest, { ...saidBy(options), url });
  await withWebhooks(io, async (deps) => {
    const { webhook, secret } = await createWebhook(deps, request);
    if (options.json) return printJson(io, { ...webhookView(webhook, deps.clock.now()), secret });
    io.out(`Made ${webhook.id}. Its secret, which is shown only now:\n${secret}\n`);
  });
}

export async function setCommand(io: Io, id: string, options: WebhookOptions): Promise<void> {
  const changes = checked(webhookChanges, saidBy(options));
  await withWebhooks(io, async (deps) => {
    const webhook = await changeWebhook(deps, id, changes);
    if (options.json) return printJson(io, webhookView(webhook, deps.clock.now()));
    io.out(`Changed ${id}.\n`);
  });
}

export async function listCommand(io: Io, { json }: Json): Promise<void> {
  await withWebhooks(io, async ({ webhooks, clock }) => {
    const data = (await webhooks.list()).map((one) => webhookView(one, clock.now()));
    if (json) return printJson(io, { object: "list", data, has_more: false, next_cursor: null });
    const rows = data.map((one) => ({ ...one, events: one.events.join(", ") }));
    io.out(table(["id", "url", "events", "status", "disabled_reason", "description"], rows));
  });
}

export async function removeCommand(io: Io, id: string, { json }: Json): Promise<void> {
  await withWebhooks(io, async ({ webhooks }) => {
    known((await webhooks.remove(id)) || null);
    if (json) return printJson(io, { id, object: "webhook", deleted: true });
    io.out(`Removed ${id}.\n`);
  });
}

export async function rotateCommand(
  io: Io,
  id: string,
  options: Json & { readonly overlapHours: string },
): Promise<void> {
  const hours = readOverlap(options.overlapHours);
  await withWebhooks(io, async (deps) => {
    const { webhook, secret } = await rotateWebhook(deps, id, hours);
    if (options.json) return printJson(io, { ...webhookView(webhook, deps.clock.now()), secret });
    io.out(`The new secret of ${id}, which is shown only now:\n${secret}\n`);
  });
}

export async function testCommand(io: Io, id: string, { json }: Json): Promise<void> {
  await withInstallation(io, async ({ store, masterKey, config, clock }) => {
    const allowPrivate = config.webhooksPrivate;
    const { post, close } = undiciPost({ allowPrivate, timeoutMs: deliveryTimeoutMs });
    const log = nodeLog(config);
    const onError = () => {};
    const { dispatcher } = createNotifying({ store, masterKey, allowPrivate, post, clock, log, onError });
    const webhook: WebhookRecord = known(await store.webhooks.get(id));
    const ended = await dispatcher.tryOut(webhook, "webhook.test", { webhook: id });
    await close();
    if (json) return printJson(io, ended);
    if (ended.kind === "failed") throw new CommandError(`It was not delivered: ${ended.reason}.`);
    io.out(`Delivered: the receiver answered ${ended.status}.\n`);
  });
}

export async function deliveriesCommand(
  io: Io,
  id: string,
  { json, status }: Json & { readonly status?: DeliveryState },
): Promise<void> {
  await withWebhooks(io, async ({ webhooks }) => {
    known(await webhooks.get(id));
    const page = await webhooks.deliveries({ webhookId: id, limit: 1_000, ...(status && { state: status }) });
    const data = page.data.map(deliveryView);
    if (json)
      return printJson(io, { object: "list", data, has_more: page.nextCursor !== null, next_cursor: page.nextCursor });
    io.out(table(["id", "event_type", "status", "tries", "last_failure", "next_try_at", "created_at"], data));
  });
}

export async function resendCommand(io: Io, id: string, delivery: string, { json }: Json): Promise<void> {
  await withWebhooks(io, async ({ webhooks, clock }) => {
    const view = deliveryView(known(await webhooks.resend(id, delivery, clock.now())));
    if (json) return printJson(io, view);
    io.out(`A running gateway sends ${delivery} within a second.\n`);
  });
}

async function withWebhooks(io: Io, use: (deps: WebhookDeps) => Promise<void>): Promise<void> {
  await withInstallation(io, ({ store, masterKey, config, clock }: Installation) =>
    use({
      webhooks: store.webhooks,
      sealer: createSealer(masterKey, "turnpike/webhooks/1"),
      clock,
      allowPrivate: config.webhooksPrivate,
    }),
  );
}

function saidBy({ url, events, description, status }: WebhookOptions): Record<string, unknown> {
  return {
    ...(url !== undefined && { url }),
    ...(events !== undefined && { events }),
    ...(description !== undefined && { description }),
    ...(status !== undefined && { status }),
  };
}
