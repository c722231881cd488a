// Every setting, documented where it is declared, validated once at start. Reads values; touches no file and no network.
import { z } from "zod";
import type { SignInSettings } from "./signin/index.ts";
import { readOidcSettings } from "./signin/settings.ts";

const duration = (defaultMs: number) => z.coerce.number().int().positive().default(defaultMs);

const threshold = (usual: number) => z.coerce.number().int().min(0).default(usual);

const share = z.number().nonnegative().max(1_000).default(0);

/** What a choice of deployments weighs, each from 0 up; only their proportions count. */
export const weightsSchema = z
  .strictObject({ price: share, latency: share, throughput: share, time: share })
  .refine((weights) => Object.values(weights).some((weight) => weight > 0), "at least one must be above 0");

const objectives = ["balanced", "price", "latency", "throughput"] as const;

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, "u").source !== "";
  } catch {
    return false;
  }
}

/** The environment variables that Turnpike reads (providers' own variables aside: see `providerSettings`). */
const schema = z.object({
  /** Where it listens. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8787),
  HOST: z.string().min(1).default("127.0.0.1"),
  /** A SQLite file. */
  TURNPIKE_DATABASE_URL: z.string().default("file:./data/turnpike.db"),
  /** A YAML file with models and prices; `turnpike.yaml` in the working directory where there is one. */
  TURNPIKE_CONFIG: z.string().optional(),
  /** 32 bytes, base64. Made on first start when absent. Wraps the keys that seal what is stored (docs/vault.md). */
  TURNPIKE_MASTER_KEY: z.string().optional(),
  /** The master key before this one, while `turnpike vault rekey` has not finished. */
  TURNPIKE_MASTER_KEY_PREVIOUS: z.string().optional(),
  /** A key of a KMS in the master key's place: `vault-transit:…`, `aws-kms:…`, `gcp-kms:…` or `azure-kv-key:…` (docs/vault.md). */
  TURNPIKE_KMS: z.string().optional(),
  /** The KMS before this one, while `turnpike vault rekey` has not finished. */
  TURNPIKE_KMS_PREVIOUS: z.string().optional(),
  /** `strict`: a secret reference that can't be read is a reason not to start; by default its credential waits for it. */
  TURNPIKE_REFERENCES: z.enum(["wait", "strict"]).default("wait"),
  /** How old the last value of a secret reference may get while its manager is away (12h, 7d), where the reference does not say; any age by default. */
  TURNPIKE_REFERENCES_MAX_AGE: z
    .string()
    .regex(/^[1-9]\d{0,8}[smhd]?$/, "expected a duration like 300s, 5m, 12h or 7d")
    .optional(),
  /** The first administrator's key. Made on first start and printed once when absent. */
  TURNPIKE_ADMIN_KEY: z.string().optional(),
  /** The sandbox provider: `on`, `off`, or `auto` (on until a provider key exists). */
  TURNPIKE_SANDBOX: z.enum(["on", "off", "auto"]).default("auto"),
  TURNPIKE_LOG_LEVEL: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
  /** `pretty` writes lines for people, `json` for machines. On Workers always `json`. */
  TURNPIKE_LOG_FORMAT: z.enum(["json", "pretty"]).default("json"),
  /** The largest request body, bytes. Larger ones are refused with 413. */
  TURNPIKE_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(10 * 1024 * 1024),
  /** The largest form with a file, bytes; what is beyond 1 MB of it waits in a temporary file (on Workers in memory, 32 MB at most). */
  TURNPIKE_MAX_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(256 * 1024 * 1024),
  /** The largest whole (not streamed) answer of a provider that is held in memory, bytes. */
  TURNPIKE_MAX_RESPONSE_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(64 * 1024 * 1024),
  /** How long to wait for a connection to a provider. */
  TURNPIKE_CONNECT_TIMEOUT_MS: duration(10_000),
  /** How long to wait for the first content of a streamed answer (of a whole one, for its first byte). */
  TURNPIKE_FIRST_BYTE_TIMEOUT_MS: duration(300_000),
  /** The longest silence inside an answer once it has begun. */
  TURNPIKE_IDLE_TIMEOUT_MS: duration(120_000),
  /** The longest whole call, all attempts together. */
  TURNPIKE_TOTAL_TIMEOUT_MS: duration(900_000),
  /** How often a waiting stream is kept open with a comment. */
  TURNPIKE_KEEP_ALIVE_MS: duration(15_000),
  /** How many deployments one call may try. */
  TURNPIKE_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(10).default(3),
  /** Addresses and ranges of proxies whose `x-forwarded-for` is believed, with commas between them; nobody's by default. */
  TURNPIKE_TRUSTED_PROXIES: z
    .string()
    .optional()
    .transform(
      (text) =>
        text
          ?.split(",")
          .map((one) => one.trim())
          .filter((one) => one !== "") ?? null,
    ),
  /** What the whole name of a key must match, as a regular expression; anything by default. */
  TURNPIKE_KEY_NAMES: z
    .string()
    .refine(isPattern, "expected a regular expression")
    .transform((text) => new RegExp(`^(?:${text})$`, "u"))
    .optional(),
  /** The longest wait before a deployment is tried again; one that asks for a longer one is not waited for. 0: none is tried twice. */
  TURNPIKE_MAX_RETRY_WAIT_MS: z.coerce.number().int().min(0).default(2_000),
  /** After this long no further attempt of a call begins. */
  TURNPIKE_RETRY_WINDOW_MS: duration(360_000),
  /** What a call's deployments are chosen by where neither the call nor its alias says. */
  TURNPIKE_ROUTING: z
    .union([z.enum(objectives), weightsSchema], `expected one of ${objectives.join(", ")}; in the file weights, too`)
    .default("balanced"),
  /** `on` sends a second attempt beside a stream that begins later than 19 of 20 do, and pays for both. */
  TURNPIKE_HEDGE: z.enum(["on", "off"]).default("off"),
  /** `off` calls deployments and uses credentials however often they have failed or refused. */
  TURNPIKE_BREAKERS: z.enum(["on", "off"]).default("on"),
  /**
   * Whether responses are stored, encrypted, so that `previous_response_id` finds them, where their provider does not do so: as
   * OpenAI does (`on`: unless a call says `store: false`), of calls that say `store: true` alone (`asked`), or never (`off`).
   */
  TURNPIKE_STORE_RESPONSES: z.enum(["on", "asked", "off"]).default("on"),
  /** How many days after the last turn of its conversation a stored response is removed. */
  TURNPIKE_STORED_RESPONSES_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
  /** For how many days the records of single calls are kept; for ever by default. Sums of usage, credits and bills stay. */
  TURNPIKE_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).optional(),
  /** `on` lets webhooks lead to private addresses, and to `http://`. */
  TURNPIKE_WEBHOOKS_PRIVATE: z.enum(["on", "off"]).default("off"),
  /** Where browsers reach the gateway, behind whatever stands before it: `https://turnpike.example.com`. */
  TURNPIKE_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: "expected the gateway's own http:// or https:// URL" })
    .optional(),
  /** Whose keys alone are not enough: `off`, `on`, or roles with commas between them. */
  TURNPIKE_REQUIRE_SECOND_FACTOR: z
    .string()
    .default("off")
    .transform((text): "all" | readonly string[] =>
      text === "on" ? "all" : text === "off" ? [] : text.split(",").map((role) => role.trim()),
    ),
  /** Minutes of silence after which a browser's session has ended, and hours after which any has. */
  TURNPIKE_SESSION_IDLE_MINUTES: z.coerce.number().positive().max(1_440).default(30),
  TURNPIKE_SESSION_HOURS: z.coerce.number().positive().max(720).default(12),
  /** From where on operators are told (docs/alerts.md); 0 tells of nothing of the kind. */
  TURNPIKE_ALERT_NEW_NETWORKS: threshold(20),
  TURNPIKE_ALERT_SPENDING_FACTOR: threshold(5),
  TURNPIKE_ALERT_REFUSALS: threshold(1_000),
  TURNPIKE_ALERT_FAILED_KEYS: threshold(500),
  TURNPIKE_ALERT_CREDIT_PERCENT: threshold(10),
  /** Who may read `/metrics`: administrators, or anybody (`open`). */
  TURNPIKE_METRICS: z.enum(["admins", "open"]).default("admins"),
  /** How many processes serve calls; with more than one, another one keeps what they share. */
  TURNPIKE_WORKERS: z.coerce.number().int().min(1).max(64).default(1),
  /** A worker that does not answer for so long is killed and replaced. */
  TURNPIKE_WORKER_SILENCE_MS: duration(10_000),
  /** How long a stop waits for running calls. */
  TURNPIKE_DRAIN_TIMEOUT_MS: duration(30_000),
});

/** Variables are texts, which are read as numbers; of what else YAML knows, an empty value would be read as 0. */
const said = z.unknown().refine((value) => value !== null && typeof value !== "boolean", "expected a value");

function adjustable<T extends z.ZodType>(variable: z.ZodDefault<T>) {
  return said.pipe(variable.unwrap()).optional();
}

/** The section `defaults` of the configuration file: variables by their names without `TURNPIKE_`, in lower case. */
export const defaultsSchema = z.strictObject({
  routing: adjustable(schema.shape.TURNPIKE_ROUTING),
  max_attempts: adjustable(schema.shape.TURNPIKE_MAX_ATTEMPTS),
  max_retry_wait_ms: adjustable(schema.shape.TURNPIKE_MAX_RETRY_WAIT_MS),
  retry_window_ms: adjustable(schema.shape.TURNPIKE_RETRY_WINDOW_MS),
  hedge: adjustable(schema.shape.TURNPIKE_HEDGE),
  breakers: adjustable(schema.shape.TURNPIKE_BREAKERS),
  connect_timeout_ms: adjustable(schema.shape.TURNPIKE_CONNECT_TIMEOUT_MS),
  first_byte_timeout_ms: adjustable(schema.shape.TURNPIKE_FIRST_BYTE_TIMEOUT_MS),
  idle_timeout_ms: adjustable(schema.shape.TURNPIKE_IDLE_TIMEOUT_MS),
  total_timeout_ms: adjustable(schema.shape.TURNPIKE_TOTAL_TIMEOUT_MS),
  keep_alive_ms: adjustable(schema.shape.TURNPIKE_KEEP_ALIVE_MS),
  key_names: said.pipe(z.string().refine(isPattern, "expected a regular expression")).optional(),
});

export type Defaults = z.output<typeof defaultsSchema>;

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  /** Null: `turnpike.yaml`, if there. */
  readonly configFile: string | null;
  readonly masterKey: string | null;
  readonly masterKeyPrevious: string | null;
  readonly kms: string | null;
  readonly kmsPrevious: string | null;
  readonly references: "wait" | "strict";
  /** As it was written; null for any age. */
  readonly referencesMaxAge: string | null;
  readonly adminKey: string | null;
  readonly sandbox: "on" | "off" | "auto";
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
  readonly logFormat: "json" | "pretty";
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
  readonly maxResponseBytes: number;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly maxAttempts: number;
  readonly trustedProxies: readonly string[] | null;
  readonly keyNames: RegExp | null;
  readonly maxRetryWaitMs: number;
  readonly retryWindowMs: number;
  readonly routing: (typeof objectives)[number] | z.output<typeof weightsSchema>;
  readonly hedge: boolean;
  readonly breakers: boolean;
  readonly storeResponses: "on" | "asked" | "off";
  readonly storedResponsesDays: number;
  /** Null: for ever. */
  readonly retentionDays: number | null;
  readonly webhooksPrivate: boolean;
  /** From where on operators are told; 0 for never. */
  readonly alertAt: {
    /** New networks of a key in an hour. */
    readonly newNetworks: number;
    /** A key's spending in a day, as a multiple of its daily average. */
    readonly spendingFactor: number;
    /** Refused calls of a key in an hour. */
    readonly refusals: number;
    /** Calls with unknown keys in an hour. */
    readonly failedKeys: number;
    /** What is left of credit, in percent of the latest top-up. */
    readonly creditPercent: number;
  };
  readonly metricsFor: "admins" | "open";
  readonly workers: number;
  readonly workerSilenceMs: number;
  readonly drainTimeoutMs: number;
  /** How administrators sign in. */
  readonly signIn: SignInSettings;
}

/** A setting that can't be used. The message names the variable and what it takes, never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the settings from environment variables. An empty value counts as absent.
 * @param defaults what holds where the environment says nothing.
 * @throws ConfigError naming every variable that is wrong.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, defaults: Defaults = {}): Config {
  const present = Object.entries(env).filter(([, value]) => value !== undefined && value !== "");
  const beneath = Object.entries(defaults).map(([name, value]) => [`TURNPIKE_${name.toUpperCase()}`, value] as const);
  const parsed = schema.safeParse(Object.fromEntries([...beneath, ...present]));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw unusable(lines);
  }
  const value = parsed.data;
  return {
    port: value.PORT,
    host: value.HOST,
    databaseUrl: value.TURNPIKE_DATABASE_URL,
    configFile: value.TURNPIKE_CONFIG ?? null,
    masterKey: value.TURNPIKE_MASTER_KEY ?? null,
    masterKeyPrevious: value.TURNPIKE_MASTER_KEY_PREVIOUS ?? null,
    kms: value.TURNPIKE_KMS ?? null,
    kmsPrevious: value.TURNPIKE_KMS_PREVIOUS ?? null,
    references: value.TURNPIKE_REFERENCES,
    referencesMaxAge: value.TURNPIKE_REFERENCES_MAX_AGE ?? null,
    adminKey: value.TURNPIKE_ADMIN_KEY ?? null,
    sandbox: value.TURNPIKE_SANDBOX,
    logLevel: value.TURNPIKE_LOG_LEVEL,
    logFormat: value.TURNPIKE_LOG_FORMAT,
    maxBodyBytes: value.TURNPIKE_MAX_BODY_BYTES,
    maxUploadBytes: value.TURNPIKE_MAX_UPLOAD_BYTES,
    maxResponseBytes: value.TURNPIKE_MAX_RESPONSE_BYTES,
    connectTimeoutMs: value.TURNPIKE_CONNECT_TIMEOUT_MS,
    firstByteTimeoutMs: value.TURNPIKE_FIRST_BYTE_TIMEOUT_MS,
    idleTimeoutMs: value.TURNPIKE_IDLE_TIMEOUT_MS,
    totalTimeoutMs: value.TURNPIKE_TOTAL_TIMEOUT_MS,
    keepAliveMs: value.TURNPIKE_KEEP_ALIVE_MS,
    maxAttempts: value.TURNPIKE_MAX_ATTEMPTS,
    trustedProxies: value.TURNPIKE_TRUSTED_PROXIES,
    keyNames: value.TURNPIKE_KEY_NAMES ?? null,
    maxRetryWaitMs: value.TURNPIKE_MAX_RETRY_WAIT_MS,
    retryWindowMs: value.TURNPIKE_RETRY_WINDOW_MS,
    routing: value.TURNPIKE_ROUTING,
    hedge: value.TURNPIKE_HEDGE === "on",
    breakers: value.TURNPIKE_BREAKERS === "on",
    storeResponses: value.TURNPIKE_STORE_RESPONSES,
    storedResponsesDays: value.TURNPIKE_STORED_RESPONSES_DAYS,
    alertAt: {
      newNetworks: value.TURNPIKE_ALERT_NEW_NETWORKS,
      spendingFactor: value.TURNPIKE_ALERT_SPENDING_FACTOR,
      refusals: value.TURNPIKE_ALERT_REFUSALS,
      failedKeys: value.TURNPIKE_ALERT_FAILED_KEYS,
      creditPercent: value.TURNPIKE_ALERT_CREDIT_PERCENT,
    },
    retentionDays: value.TURNPIKE_RETENTION_DAYS ?? null,
    webhooksPrivate: value.TURNPIKE_WEBHOOKS_PRIVATE === "on",
    metricsFor: value.TURNPIKE_METRICS,
    workers: value.TURNPIKE_WORKERS,
    workerSilenceMs: value.TURNPIKE_WORKER_SILENCE_MS,
    drainTimeoutMs: value.TURNPIKE_DRAIN_TIMEOUT_MS,
    signIn: {
      publicUrl: value.TURNPIKE_PUBLIC_URL ?? null,
      secondFactor: value.TURNPIKE_REQUIRE_SECOND_FACTOR,
      times: {
        idleMs: value.TURNPIKE_SESSION_IDLE_MINUTES * 60_000,
        longestMs: value.TURNPIKE_SESSION_HOURS * 3_600_000,
      },
      providers: readOidcSettings(env, unusable),
    },
  };
}

/** Read elsewhere: by the command line, by managers of secrets, for providers and identity providers of any name. */
const further =
  /^TURNPIKE_(URL|AWS_ROLES|PROVIDER_.+_(BASE_URL|API_KEY(_\d+)?)|OIDC_([A-Z0-9]+_)?(ISSUER|CLIENT_ID|CLIENT_SECRET|SCOPES|GROUPS_CLAIM|ROLES|DEFAULT_ROLE|DOMAINS|SUBJECTS))$/;
/** What the documentation calls keys in a shell, for `curl`. */
const ofShells = /^TURNPIKE_(KEY|TOKEN|TOKEN_FILE)$/;

/** Variables that begin as settings do and are none: what is misspelt sets nothing. */
export function unknownSettings(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith("TURNPIKE_") && !(name in schema.shape) && !further.test(name) && !ofShells.test(name),
  );
}

function unusable(problems: readonly string[]): ConfigError {
  return new ConfigError(`These settings can't be used:\n  ${problems.join("\n  ")}`);
}
