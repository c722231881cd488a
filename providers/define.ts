// What a provider is: data that names a dialect, an authorisation and quirks.
import type { ClientDialect, HeaderLookup } from "./dialects/dialect.ts";
import type { Endpoints } from "./endpoints/endpoint.ts";

/** A request to a provider, complete but for its identity. `path` is below `baseUrl`. */
export interface UpstreamRequest {
  readonly method: "POST" | "GET" | "DELETE";
  readonly baseUrl: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Sent instead of `body` where the request is not text (a form with a file), and may still be coming in. */
  readonly streamed?: StreamedBody;
  /** How the answer is come by where that takes further requests; absent where it is the answer to this one. */
  readonly course?: UpstreamCourse;
}

/**
 * Makes all the requests that one answer takes, the given one first, and gives that answer. Rejects when a connection fails,
 * with whatever `send` rejected with.
 */
export type UpstreamCourse = (request: UpstreamRequest, context: CourseContext) => Promise<UpstreamResponse>;

/** What a course is lent by its host. */
export interface CourseContext {
  /** Aborts when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** Resolves after so many milliseconds; rejects when `signal` aborts. */
  sleep(ms: number): Promise<void>;
  /** Resolves when the headers have come; the body comes as fast as it is read. Rejects when `signal` aborts. */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** Sends whatever has become of `signal`, and lets nobody know the answer: to call off what was begun. */
  tell(request: UpstreamRequest): void;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly body: AsyncIterable<string | Uint8Array>;
}

/** A body that each try reads from its beginning. */
export interface StreamedBody {
  /** Bytes; null when nobody has said. */
  readonly length: number | null;
  /** @param onWait told whether whoever sends it is waited for: meanwhile the provider is not late. */
  read(onWait: (waiting: boolean) => void): AsyncIterable<Uint8Array>;
}

/** Adds identity to a request. The secret goes into a header, never into the URL. */
export type Authorize = (
  request: UpstreamRequest,
  secret: string,
  machine?: Machine,
) => UpstreamRequest | Promise<UpstreamRequest>;

/** What a machine lends to identities that it keeps in files and writes anew; not there where a runtime has no files. */
export interface Machine {
  readFile(path: string): Promise<string>;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An upstream that lives in this process and answers without network (the sandbox). Text comes as a provider would send it. */
export type LocalUpstream = (request: UpstreamRequest, context: LocalContext) => Promise<LocalResponse>;

/** What a local upstream is lent by its host. */
export interface LocalContext {
  readonly signal: AbortSignal;
  /** Exact tokens of a text in the encoding of current OpenAI models (`o200k_base`). */
  countTokens(text: string): number;
  /** Resolves after so many milliseconds; rejects when `signal` aborts. */
  sleep(ms: number): Promise<void>;
}

export interface LocalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<string>;
}

export interface Provider<Chat extends ClientDialect | null = ClientDialect | null> {
  /** Lower case, as in model names: `openai`, `google`, … Equal to the catalogue's provider id. */
  readonly id: string;
  readonly name: string;
  /** The dialect to translate into; null when it has no chat. */
  readonly dialect: Chat;
  /** All dialects that it speaks, `dialect` first. */
  readonly dialects: readonly ClientDialect[];
  /** What it does beside chat. */
  readonly endpoints: Endpoints;
  readonly baseUrl: string;
  readonly authorize: Authorize;
  /** Conventional environment variables that hold its key, first one wins; empty when it needs no key. */
  readonly env: readonly string[];
  /** Its secret in this environment, which may be made of several variables; null when there is none. */
  readonly secretFrom: (env: Environment) => string | null;
  /**
   * Its base URL in this environment, which may name a region or an account, unless `baseUrlEnv` overrides it; null when
   * the environment does not name what it needs.
   */
  readonly baseUrlFrom: (env: Environment) => string | null;
  /** Environment variable that overrides `baseUrl`. */
  readonly baseUrlEnv: string;
  /** Headers sent with every request (e.g. `anthropic-version`). */
  readonly headers: Readonly<Record<string, string>>;
  /** Request headers of the client that are passed on when the client speaks the provider's own dialect. */
  readonly forwardHeaders: readonly string[];
  readonly local: LocalUpstream | null;
  /** Those of `dialects` that it serves a model in; null when that is all of them. */
  readonly dialectsFor: ((model: string) => readonly ClientDialect[]) | null;
  /** Another form of the provider, where the environment decides about more than its secret and its URL; null when it does not. */
  readonly variant: (env: Environment) => Provider | null;
  /** The secret may come as a file: which variable holds its path, and which the file's text. */
  readonly secretFile: SecretFile | null;
  /** True for a server of the operator's own: `baseUrlEnv` alone connects it, and a key is sent only if there is one. */
  readonly selfHosted: boolean;
  readonly dataPolicy: DataPolicy;
}

/** What a provider does with prompts and answers; null where nobody has said. */
export interface DataPolicy {
  /** Whether it keeps them for ends of its own, such as training. */
  readonly collects: boolean | null;
  /** Whether it keeps them at all once it has answered. */
  readonly retains: boolean | null;
}

export interface SecretFile {
  readonly path: string;
  readonly text: string;
}

export interface ProviderDefinition {
  readonly id: string;
  readonly name: string;
  /** Absent when it has no chat. */
  readonly dialect?: ClientDialect;
  /** Other dialects that it speaks at the same base URL. */
  readonly also?: readonly ClientDialect[];
  readonly endpoints?: Endpoints;
  /** Where `baseUrlFrom` says nothing. A `{VARIABLE}` in it stands for that variable of the environment: a host, an account. */
  readonly baseUrl: string;
  /** The base URL where variables of the environment decide about it (a region, an account); null leaves `baseUrl`. */
  readonly baseUrlFrom?: (env: Environment) => string | null;
  readonly auth: {
    readonly env: readonly string[];
    readonly authorize: Authorize;
    /** Makes one secret of several variables; without it the first of `env` that is set is the secret. */
    readonly fromEnv?: (env: Environment) => string | null;
    readonly file?: SecretFile;
  };
  readonly baseUrlEnv?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly forwardHeaders?: readonly string[];
  readonly local?: LocalUpstream;
  /** Given to each of its requests. */
  readonly course?: UpstreamCourse;
  readonly selfHosted?: boolean;
  /** Absent: nobody has said, unless it runs at the operator's own. */
  readonly dataPolicy?: DataPolicy;
  /** Where models differ in the dialects that they are served in. */
  readonly dialectsFor?: (model: string) => readonly ClientDialect[];
  /** Another form of the provider that this environment asks for. */
  readonly variant?: (env: Environment) => Provider | null;
}

/** Completes a provider's definition with the defaults. */
export function defineProvider(
  definition: ProviderDefinition & { readonly dialect: ClientDialect },
): Provider<ClientDialect>;
export function defineProvider(definition: ProviderDefinition): Provider;
export function defineProvider(definition: ProviderDefinition): Provider {
  const { auth, dialect } = definition;
  return {
    id: definition.id,
    name: definition.name,
    dialect: dialect ?? null,
    dialects: [...(dialect === undefined ? [] : [dialect]), ...(definition.also ?? [])],
    endpoints: definition.endpoints ?? {},
    baseUrl: definition.baseUrl,
    authorize: along(definition.course, auth.authorize),
    env: auth.env,
    secretFrom: auth.fromEnv ?? ((env) => variable(env, ...auth.env)),
    baseUrlFrom: (env) => definition.baseUrlFrom?.(env) ?? filled(definition.baseUrl, env),
    baseUrlEnv: definition.baseUrlEnv ?? `${definition.id.toUpperCase().replaceAll("-", "_")}_BASE_URL`,
    headers: definition.headers ?? {},
    forwardHeaders: definition.forwardHeaders ?? [],
    local: definition.local ?? null,
    selfHosted: definition.selfHosted ?? false,
    dialectsFor: definition.dialectsFor ?? null,
    variant: definition.variant ?? (() => null),
    secretFile: auth.file ?? null,
    dataPolicy: definition.dataPolicy ?? (atHome(definition) ? nothingKept : unsaid),
  };
}

/** The course goes with the request, so that nothing on the way need know of it. */
function along(course: UpstreamCourse | undefined, authorize: Authorize): Authorize {
  if (course === undefined) return authorize;
  return async (request, secret, machine) => ({ ...(await authorize(request, secret, machine)), course });
}

const nothingKept: DataPolicy = { collects: false, retains: false };
const unsaid: DataPolicy = { collects: null, retains: null };

function atHome({ selfHosted, local }: ProviderDefinition): boolean {
  return selfHosted === true || local !== undefined;
}

const placeholder = /\{([A-Z][A-Z0-9_]*)\}/g;

/** The variables that a base URL needs, by the order of their places. */
export function variablesOf(baseUrl: string): readonly string[] {
  return [...baseUrl.matchAll(placeholder)].map(([, name]) => name ?? "");
}

/** Puts variables into their places; null when one is missing. A host may be given as `https://host/`. */
function filled(baseUrl: string, env: Environment): string | null {
  if (variablesOf(baseUrl).some((name) => variable(env, name) === null)) return null;
  return baseUrl.replace(placeholder, (_place, name: string) =>
    (variable(env, name) ?? "").replace(/^https?:\/\//, "").replace(/\/+$/, ""),
  );
}

/** The first of these variables that is set, without white space around it; null when none is, or only to nothing. */
export function variable(env: Environment, ...names: readonly string[]): string | null {
  return names.map((name) => env[name]?.trim() ?? "").find((value) => value !== "") ?? null;
}

/** `Authorization: Bearer <secret>`, the secret read from one of these environment variables. */
export function bearer(...env: readonly string[]): ProviderDefinition["auth"] {
  return headerAuth({ name: "authorization", prefix: "Bearer " }, env);
}

/** No key at all. */
export const noKey: ProviderDefinition["auth"] = { env: [], authorize: (request) => request };

/** The secret in a header of its own. */
export function header(name: string, ...env: readonly string[]): ProviderDefinition["auth"] {
  return headerAuth({ name, prefix: "" }, env);
}

function headerAuth(
  { name, prefix }: { readonly name: string; readonly prefix: string },
  env: readonly string[],
): ProviderDefinition["auth"] {
  return {
    env,
    authorize: (request, secret) => ({ ...request, headers: { ...request.headers, [name]: `${prefix}${secret}` } }),
  };
}
