// Opens references: sources of secrets that are read from their managers, each secret once however many references name it.
import { failureOf, ProviderError } from "../../../providers/dialects/failure.ts";
import { ConfigError } from "../../config.ts";
import type { Alerts } from "../../observe/alerts.ts";
import type { Log } from "../../observe/log.ts";
import { select } from "./content.ts";
import { Kept, type TryOutcome } from "./kept.ts";
import type { Manager, ManagerHost, Reading } from "./manager.ts";
import { loadManager } from "./managers.ts";
import { placeOf, type Reference, type Scheme } from "./reference.ts";
import { combine, type Part, type ReferenceSource, type ReferenceState } from "./source.ts";
import { readTemplate } from "./template.ts";

/** The alert of a secret that can't be read; its subject is the reference. */
export const secretUnreadable = "secret_unreadable";

/** How old values get where references do not say, milliseconds. What a file holds is watched besides; a variable never changes. */
const usualTtlMs: Readonly<Record<Scheme, number | null>> = {
  env: null,
  file: 60_000,
  vault: 300_000,
  "aws-sm": 300_000,
  "aws-ssm": 300_000,
  "azure-kv": 300_000,
  "gcp-sm": 300_000,
};

export interface ReferencesOptions extends Omit<ManagerHost, "onLeasesEnd"> {
  /** In [0, 1). */
  random(): number;
  /** For references that do not say, milliseconds; null for any age. */
  readonly maxAgeMs: number | null;
}

export interface BeginOptions {
  readonly log: Log;
  readonly alerts: Pick<Alerts, "raise" | "resolve">;
  /** Whether a reference that can't be read is a reason not to start. */
  readonly strict: boolean;
}

export interface References {
  /**
   * Where a credential's value comes from; null for a text that is no reference. Nothing is read before `begin`, and at once after it.
   * @throws ConfigError when a reference is written wrongly.
   */
  sourceOf(text: string): ReferenceSource | null;
  /**
   * Reads all that is referred to, and resolves when each was tried once; what failed is tried again.
   * @throws ConfigError naming what can't be read, when `strict`.
   */
  begin(options: BeginOptions): Promise<void>;
  describe(): readonly ReferenceState[];
  close(): void;
}

export function openReferences(options: ReferencesOptions): References {
  const managers = new Map<Scheme, Promise<Manager>>();
  const keeping = new Map<string, Kept>();
  const parts = new Set<Part>();
  let begun: BeginOptions | null = null;

  function managerOf(scheme: Scheme): Promise<Manager> {
    const running = managers.get(scheme);
    if (running !== undefined) return running;
    const host: ManagerHost = {
      ...options,
      onLeasesEnd: () => {
        for (const { reference, kept } of parts) if (reference.scheme === scheme && kept.leased) void kept.refresh();
      },
    };
    const loading = loadManager(scheme, host);
    managers.set(scheme, loading);
    // One that lacks a setting is made anew each time, so that it says so each time.
    loading.catch(() => managers.delete(scheme));
    return loading;
  }

  function keptOf(reference: Reference): Kept {
    const place = placeOf(reference);
    const before = keeping.get(place);
    if (before !== undefined) {
      if (reference.ttlMs !== null) before.atMost(reference.ttlMs);
      return before;
    }
    const kept = new Kept({
      ...options,
      ttlMs: reference.ttlMs ?? usualTtlMs[reference.scheme],
      read: async () => (await managerOf(reference.scheme)).read(reference),
      watch: (onChange) => watching(managerOf(reference.scheme), reference, onChange),
      onTry: (outcome) => tell(reference, kept, outcome),
    });
    keeping.set(place, kept);
    if (begun !== null) void kept.begin();
    return kept;
  }

  function partOf(reference: Reference): Part {
    const kept = keptOf(reference);
    const maxAgeMs = reference.maxAgeMs ?? options.maxAgeMs;
    let value: string | null = null;
    const take = (reading: Reading): void => {
      value = select(reading.content, reference.field);
    };
    const tooOld = (): boolean =>
      maxAgeMs !== null && kept.readAtMs !== null && kept.nextAtMs !== null && options.now() - kept.readAtMs > maxAgeMs;
    const part: Part = {
      reference,
      kept,
      value() {
        if (value === null || tooOld()) throw new ProviderError(failureOf("server", unreadable));
        return value;
      },
      waiting: () => value === null || tooOld(),
      state: () => ({
        reference: reference.text,
        manager: reference.scheme,
        status: value === null ? "waiting" : tooOld() ? "expired" : kept.failures > 0 ? "stale" : "fresh",
        version: kept.reading?.version ?? null,
        readAtMs: kept.readAtMs,
        expiresAtMs: kept.endsAtMs,
        nextReadAtMs: kept.nextAtMs,
        failures: kept.failures,
        lastError: kept.lastError,
      }),
      close() {
        parts.delete(part);
        if (!kept.remove(take)) return;
        kept.close();
        keeping.delete(placeOf(reference));
      },
    };
    kept.add(take);
    parts.add(part);
    return part;
  }

  function tell(reference: Reference, kept: Kept, { error, failures, isNew }: TryOutcome): void {
    if (begun === null) return;
    const { log, alerts } = begun;
    const subject = reference.text;
    if (error === null) {
      alerts.resolve(secretUnreadable, subject);
      if (isNew) log.info("a secret was changed in its manager, and is used from now on", { reference: subject });
      return;
    }
    const serves = kept.reading !== null;
    const meanwhile = serves ? "Calls go on with its last value." : "The credential waits for it.";
    alerts.raise(
      secretUnreadable,
      subject,
      `The secret ${subject} can't be read: ${error} ${meanwhile} It is tried again.`,
    );
    if (failures === 1) log.warn("a secret can't be read, and is tried again", { reference: subject, why: error });
  }

  function close(): void {
    for (const kept of keeping.values()) kept.close();
    for (const manager of managers.values()) manager.then((opened) => opened.close?.()).catch(() => undefined);
  }

  return {
    sourceOf(text) {
      const template = readTemplate(text);
      return template === null ? null : combine(template, partOf, options.now);
    },
    async begin(how) {
      begun = how;
      await Promise.all([...keeping.values()].map((kept) => kept.begin()));
      const unread = [...parts].map((part) => part.state()).filter(({ status }) => status === "waiting");
      if (how.strict && unread.length > 0) {
        close();
        const told = unread.map(({ reference, lastError }) => `\n  ${reference}: ${lastError?.message ?? "not read"}`);
        throw new ConfigError(
          `TURNPIKE_REFERENCES is strict, and there are secrets that can't be read:${told.join("")}`,
        );
      }
    },
    describe: () => [...parts].map((part) => part.state()),
    close,
  };
}

/** What callers may read of it: where the secret stands is not for them. */
const unreadable = "The credential's secret can't be read from where it is kept.";

function watching(manager: Promise<Manager>, reference: Reference, onChange: () => void): () => void {
  let over = false;
  let end = (): void => {
    over = true;
  };
  manager
    .then((opened) => {
      if (!over) end = opened.watch?.(reference, onChange) ?? end;
    })
    .catch(() => undefined);
  return () => end();
}
