// What a sandbox model's name may ask: `slow?ttft=800&tps=20`.
import { badRequest, type Fault } from "./fault.ts";

/** Options of a model's name; null is not given. */
export interface Options {
  /** Milliseconds until the answer begins. */
  readonly ttft: number | null;
  /** Tokens a second. */
  readonly tps: number | null;
  /** Tokens of the answer. */
  readonly tokens: number | null;
  /** Tokens of reasoning before the answer. */
  readonly thinking: number | null;
  /** How many tools are called. */
  readonly calls: number | null;
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  /** Seconds. */
  readonly retry_after: number | null;
  /** Tokens of the answer before the error. */
  readonly after: number | null;
  /** 1: the stream ends early, without an error and without its end. */
  readonly drop: number | null;
}

type Name = keyof Options;

/** Least and greatest value; whole numbers unless `fraction`. Texts have none. */
interface Range {
  readonly min: number;
  readonly max: number;
  readonly fraction?: true;
}

const ranges: Readonly<Record<Exclude<Name, "code" | "message">, Range>> = {
  ttft: { min: 0, max: 600_000 },
  tps: { min: 0.1, max: 100_000, fraction: true },
  tokens: { min: 1, max: 100_000 },
  thinking: { min: 0, max: 100_000 },
  calls: { min: 1, max: 100 },
  status: { min: 400, max: 599 },
  retry_after: { min: 0, max: 86_400, fraction: true },
  after: { min: 0, max: 100_000 },
  drop: { min: 0, max: 1 },
};

const pace: readonly Name[] = ["ttft", "tps"];

/** The models, and the options that each takes. */
export const modelOptions = {
  echo: pace,
  chat: pace,
  default: pace,
  slow: [...pace, "tokens"],
  long: [...pace, "tokens"],
  error: [...pace, "status", "code", "message", "retry_after", "after", "drop"],
  tools: [...pace, "calls"],
  json: pace,
  reasoning: [...pace, "thinking"],
  logprobs: pace,
  refusal: pace,
} as const satisfies Readonly<Record<string, readonly Name[]>>;

export type ModelName = keyof typeof modelOptions;

/** Reads a model's name with its options. */
export function readModel(model: string): { readonly name: ModelName; readonly options: Options } | Fault {
  const [name = "", ...query] = model.split("?");
  if (!isModel(name)) {
    return { ...badRequest(`The sandbox has no model \`${name}\`.`, "model", "model_not_found"), status: 404 };
  }
  const options: { -readonly [name in Name]: Options[name] } = {
    ttft: null,
    tps: null,
    tokens: null,
    thinking: null,
    calls: null,
    status: null,
    code: null,
    message: null,
    retry_after: null,
    after: null,
    drop: null,
  };
  const allowed: readonly string[] = modelOptions[name];
  for (const [option, text] of new URLSearchParams(query.join("?"))) {
    if (!allowed.includes(option)) {
      return invalid(`\`${name}\` has no option \`${option}\`. It has: ${allowed.join(", ")}.`);
    }
    if (option === "code" || option === "message") options[option] = text;
    else {
      const range = ranges[option as keyof typeof ranges];
      const value = Number(text);
      if (text.trim() === "" || !within(value, range)) return invalid(rangeMessage(option, text, range));
      options[option as keyof typeof ranges] = value;
    }
  }
  return { name, options };
}

function isModel(name: string): name is ModelName {
  return Object.hasOwn(modelOptions, name);
}

function within(value: number, { min, max, fraction }: Range): boolean {
  return value >= min && value <= max && (fraction === true || Number.isInteger(value));
}

function rangeMessage(option: string, text: string, { min, max, fraction }: Range): string {
  const kind = fraction === true ? "a number" : "a whole number";
  return `The option \`${option}\` must be ${kind} from ${min} to ${max}, not \`${text}\`.`;
}

function invalid(message: string): Fault {
  return badRequest(message, "model", "invalid_model_option");
}
