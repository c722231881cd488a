// Loads the recorded provider answers in test/fixtures/recordings, typed and read once per provider.
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../fixtures/recordings/", import.meta.url);

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/** One real exchange with a provider, as some public project recorded it. */
export interface Recording {
  /** Unique within its provider. */
  readonly name: string;
  /** The project, its licence and the file that it was taken from. */
  readonly source: string;
  readonly provider: string;
  readonly dialect: string;
  /** The path below the provider's host, with its query; null when the source did not say. */
  readonly path: string | null;
  readonly model: string | null;
  readonly stream: boolean;
  readonly status: number;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** The request's body; null when the source had none. */
  readonly request: JsonObject | null;
  /** Null where the source kept the header's name only. */
  readonly responseHeaders: Readonly<Record<string, string | null>>;
  /** The body as it came: JSON text, or SSE text of a stream. */
  readonly response: string;
  /** True when the stream's framing was rebuilt from recorded events. */
  readonly reframed: boolean;
  readonly features: readonly string[];
  /** What a simple reader found in the answer, in the provider's own words; absent where nobody looked. */
  readonly expect?: {
    readonly text: string;
    readonly tool_calls: readonly { readonly name: string; readonly arguments: string; readonly id?: string }[];
    readonly finish: readonly string[];
    readonly usage: JsonObject | null;
  };
}

/** Members by which recordings are chosen; an absent one matches everything. */
export interface RecordingFilter {
  readonly dialect?: string;
  readonly stream?: boolean;
  /** True for answers with an error status, false for the others. */
  readonly failed?: boolean;
  readonly feature?: string;
  readonly hasRequest?: boolean;
}

const loaded = new Map<string, readonly Recording[]>();

/** The providers that have recordings. */
export function recordedProviders(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => file.slice(0, -".jsonl".length))
    .sort();
}

/** The recordings of one provider that pass the filter, in file order. */
export function recordings(provider: string, filter: RecordingFilter = {}): readonly Recording[] {
  return load(provider).filter(
    (recording) =>
      (filter.dialect === undefined || recording.dialect === filter.dialect) &&
      (filter.stream === undefined || recording.stream === filter.stream) &&
      (filter.failed === undefined || recording.status >= 400 === filter.failed) &&
      (filter.feature === undefined || recording.features.includes(filter.feature)) &&
      (filter.hasRequest === undefined || (recording.request !== null) === filter.hasRequest),
  );
}

/** One recording by its name; throws when there is none. */
export function recording(provider: string, name: string): Recording {
  const found = load(provider).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no recording "${name}" of ${provider}`);
  return found;
}

function load(provider: string): readonly Recording[] {
  let all = loaded.get(provider);
  if (all === undefined) {
    const text = readFileSync(new URL(`${provider}.jsonl`, FOLDER), "utf8");
    all = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Recording);
    loaded.set(provider, all);
  }
  return all;
}
