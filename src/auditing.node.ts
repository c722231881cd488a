// What the trail needs of a machine: exporters, retention with its archive, and a file for checkpoints.
import { readFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { hostname } from "node:os";
import { archiveIn } from "./audit/archive.node.ts";
import type { Checkpoint } from "./audit/checkpoint.ts";
import { type Exporter, type ExporterStatus, runExporter, type Sink } from "./audit/exporters/exporter.ts";
import { fileSink } from "./audit/exporters/file.node.ts";
import { syslogSink } from "./audit/exporters/syslog.node.ts";
import { webhookSink } from "./audit/exporters/webhook.ts";
import { retain } from "./audit/retention.ts";
import { tellOfTime } from "./audit/time.ts";
import { bySystem } from "./audit/trail.ts";
import { trailBroken } from "./auditing.ts";
import { ConfigError } from "./config.ts";
import type { AuditSettings, ExporterSettings } from "./config-file/audit.ts";
import type { House } from "./house.node.ts";
import { createDeliver } from "./observe/webhooks/deliver.ts";
import { undiciPost } from "./observe/webhooks/post.undici.ts";
import { isWebhookSecret } from "./observe/webhooks/sign.ts";

/** The alert of an exporter that can't deliver; its subject is the exporter's name. */
export const exporterBehind = "audit_exporter_behind";

const retainEveryMs = 60 * 60_000;
const lookEveryMs = 60_000;
const webhookTimeoutMs = 15_000;
const usualPort = { tls: 6514, tcp: 514 } as const;

export interface Auditing {
  exporters(): Promise<readonly ExporterStatus[]>;
  /** Ends it; entries that have not arrived yet are sent after the next start. */
  close(): Promise<void>;
}

type Parts = Pick<House, "config" | "file" | "store" | "trail" | "alerts" | "clock" | "env" | "onError">;

/**
 * Tells the trail of the start, and begins what one process alone does for it.
 * @throws ConfigError when an exporter's files or secret can't be read.
 */
export async function keepAudit(house: Parts): Promise<Auditing> {
  const { store, trail, alerts, clock, env, onError } = house;
  const settings = house.file.audit;
  const sinks = settings.exporters.map((one) => ({ ...one, sink: sinkOf(one, env) }));
  await trail.record({ ...bySystem, action: "gateway.start", after: { settings: shownSettings(house.config) } });
  const running = sinks.map(({ name, type, sink }): Exporter => {
    const onTrouble = (trouble: string | null): void => {
      if (trouble === null) alerts.resolve(exporterBehind, name);
      else alerts.raise(exporterBehind, name, `The audit exporter ${name} can't deliver: ${trouble}.`);
    };
    return runExporter({ name, type, sink, store: store.audit, now: clock.now, onTrouble });
  });
  const exporters = () => Promise.all(running.map((one) => one.status()));

  const deliveredThrough = async (): Promise<number> =>
    Math.min(Number.MAX_SAFE_INTEGER, ...(await exporters()).map((one) => one.delivered_seq));
  const archive = settings.archive === undefined ? null : archiveIn(settings.archive);
  const sweep = async (days: number): Promise<void> => {
    for (;;) {
      const done = await retain({ store: store.audit, trail, now: clock.now, days, deliveredThrough, archive });
      if (done.kind === "tampered")
        alerts.raise(trailBroken, "trail", `Retention removes nothing: ${done.problem.message}`);
      if (done.kind !== "cut") return;
    }
  };
  const { retention_days: days } = settings;
  const begin = (): void => void (days !== undefined && sweep(days).catch(onError));
  begin();
  const timer = setInterval(begin, retainEveryMs).unref();
  const look = (): Promise<void> => tellOfTime({ store, trail, now: clock.now });
  await look();
  const looking = setInterval(() => void look().catch(onError), lookEveryMs).unref();
  return {
    exporters,
    async close() {
      clearInterval(timer);
      clearInterval(looking);
      await trail.record({ ...bySystem, action: "gateway.stop" }).catch(onError);
      await Promise.all(running.map((one) => one.close()));
    },
  };
}

/** Settings that say nothing that must be kept: numbers, switches, and these. Of all others, only that they are set. */
const plainSettings = new Set(["host", "logLevel", "logFormat", "sandbox", "routing", "storeResponses", "references"]);

function shownSettings(config: House["config"]): Readonly<Record<string, unknown>> {
  const shown = Object.entries(config).map(([name, value]): [string, unknown] => {
    const plain = value === null || ["number", "boolean"].includes(typeof value);
    return [name, plain || (typeof value === "string" && plainSettings.has(name)) ? value : "[set]"];
  });
  return Object.fromEntries(shown);
}

/** Appends checkpoints to the file of the settings, a line each. */
export function checkpointFile({
  checkpoints,
}: AuditSettings): ((checkpoint: Checkpoint) => Promise<void>) | undefined {
  if (checkpoints === undefined) return undefined;
  return (checkpoint) => appendFile(checkpoints, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600, flush: true });
}

function sinkOf(settings: ExporterSettings, env: House["env"]): Sink {
  switch (settings.type) {
    case "file":
      return fileSink(settings.path, settings.format);
    case "webhook": {
      const { post, close } = undiciPost({ allowPrivate: true, timeoutMs: webhookTimeoutMs });
      const deliver = createDeliver({ post, allowPrivate: true, now: Date.now });
      const sink = webhookSink(settings.url, [secretOf(settings.secret, settings.name, env)], deliver);
      return { ...sink, close };
    }
    case "syslog": {
      const { host, port, tls, format } = settings;
      const origin = { hostname: hostname(), appName: "turnpike", processId: String(process.pid) };
      if (tls === false) return syslogSink({ host, port: port ?? usualPort.tcp, tls: null, format, origin });
      return syslogSink({ host, port: port ?? usualPort.tls, tls: tls === true ? {} : pems(tls), format, origin });
    }
  }
}

type TlsFiles = Exclude<Extract<ExporterSettings, { type: "syslog" }>["tls"], boolean>;

function pems({ ca_file, cert_file, key_file, server_name }: TlsFiles) {
  return {
    ...(ca_file !== undefined && { ca: read(ca_file) }),
    ...(cert_file !== undefined && { cert: read(cert_file) }),
    ...(key_file !== undefined && { key: read(key_file) }),
    ...(server_name !== undefined && { servername: server_name }),
  };
}

function secretOf(text: string, name: string, env: House["env"]): string {
  const at = text.indexOf(":");
  const scheme = text.slice(0, at);
  const value = scheme === "env" ? env[text.slice(at + 1)] : scheme === "file" ? read(text.slice(at + 1)).trim() : text;
  if (value !== undefined && isWebhookSecret(value)) return value;
  throw new ConfigError(`audit.exporters: the secret of ${name} is not there, or is no webhook secret (whsec_…)`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`audit.exporters: ${path} can't be read (${(error as { code?: string }).code ?? "unknown"})`);
  }
}
