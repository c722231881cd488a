// Preferences: reads `provider` of a request's body, which deployments the caller wants, as OpenRouter has it and beyond.
import { GatewayError } from "../errors.ts";
import { type MaxPrice, noPreferences, type Objective, type Preferences, type Weights } from "../router/ask.ts";

type Members = Readonly<Record<string, unknown>>;

const known = [
  "order",
  "only",
  "ignore",
  "allow_fallbacks",
  "require_parameters",
  "sort",
  "max_price",
  "data_collection",
  "zdr",
  "quantizations",
  "preferred_min_throughput",
  "preferred_max_latency",
  "hedge",
];

/**
 * Reads the member `provider` of a body; a member of it that is null is absent. One that is not known is refused rather than
 * ignored: a caller who restricts where its data goes must not be told that it did when it did not.
 * @throws GatewayError `invalid_request` or `unsupported_parameter`, naming the member (`provider.max_price.prompt`).
 */
export function readPreferences(value: unknown): Preferences {
  if (value === undefined || value === null) return noPreferences;
  const given = object(value, "provider");
  refuseUnknown(given, known, "provider");
  return {
    order: lowerCase(given.order, "provider.order", "provider ids") ?? [],
    only: lowerCase(given.only, "provider.only", "provider ids"),
    ignore: lowerCase(given.ignore, "provider.ignore", "provider ids") ?? [],
    allowFallbacks: flag(given.allow_fallbacks, "provider.allow_fallbacks") ?? true,
    requireParameters: flag(given.require_parameters, "provider.require_parameters") ?? false,
    sort: readSort(given.sort),
    maxPrice: readMaxPrice(given.max_price),
    denyDataCollection: word(given.data_collection, ["allow", "deny"], "provider.data_collection") === "deny",
    zeroDataRetention: flag(given.zdr, "provider.zdr") ?? false,
    quantizations: lowerCase(given.quantizations, "provider.quantizations", "names such as `fp8`"),
    minThroughput: readPercentile(given.preferred_min_throughput, "provider.preferred_min_throughput"),
    maxLatencyS: readPercentile(given.preferred_max_latency, "provider.preferred_max_latency"),
    hedge: flag(given.hedge, "provider.hedge"),
  };
}

const objectives: readonly Objective[] = ["price", "throughput", "latency", "balanced"];
const weights = ["price", "latency", "throughput", "time"] as const;

/**
 * An objective, weights, or OpenRouter's `{ by, partition }`. Its `partition` says whether models compete with each other or
 * are tried in order; here `models` are always tried in order, so it is read and changes nothing.
 */
function readSort(value: unknown): Preferences["sort"] {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return word(value, objectives, "provider.sort");
  const given = object(value, "provider.sort");
  if ("by" in given || "partition" in given) {
    refuseUnknown(given, ["by", "partition"], "provider.sort");
    word(given.partition, ["model", "none"], "provider.sort.partition");
    return word(given.by, objectives, "provider.sort.by");
  }
  return readWeights(given);
}

function readWeights(given: Members): Weights {
  refuseUnknown(given, weights, "provider.sort");
  const read = Object.fromEntries(weights.map((name) => [name, amount(given[name], `provider.sort.${name}`) ?? 0]));
  if (weights.every((name) => read[name] === 0)) {
    throw invalid("provider.sort", `expected a weight above 0 for at least one of ${listed(weights)}`);
  }
  return { price: 0, latency: 0, throughput: 0, time: 0, ...read };
}

const prices = ["prompt", "completion", "request", "image"] as const;

/** US dollars, as numbers or, as price lists have them, as strings of digits. */
function readMaxPrice(value: unknown): MaxPrice | null {
  if (value === undefined || value === null) return null;
  const given = object(value, "provider.max_price");
  refuseUnknown(given, prices, "provider.max_price");
  const read: Partial<Record<keyof MaxPrice, number>> = {};
  for (const name of prices) {
    const price = amount(decimal(given[name]), `provider.max_price.${name}`);
    if (price !== null) read[name] = price;
  }
  return Object.keys(read).length === 0 ? null : read;
}

function decimal(value: unknown): unknown {
  return typeof value === "string" && /^(\d+\.?\d*|\.\d+)$/.test(value.trim()) ? Number(value) : value;
}

const percentiles = ["p50", "p75", "p90", "p99"] as const;

/** A number, or a bound for each of several percentiles, of which the lowest is the usual case and the one that counts here. */
function readPercentile(value: unknown, param: string): number | null {
  if (typeof value !== "object" || value === null) return amount(value, param);
  const given = object(value, param);
  refuseUnknown(given, percentiles, param);
  const bounds = percentiles.map((name) => amount(given[name], `${param}.${name}`));
  return bounds.find((bound) => bound !== null) ?? null;
}

function object(value: unknown, param: string): Members {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Members;
  throw invalid(param, "expected an object");
}

function refuseUnknown(given: Members, names: readonly string[], param: string): void {
  for (const [name, value] of Object.entries(given)) {
    if (names.includes(name) || value === null || value === undefined) continue;
    const message = `\`${param}.${name}\` is not supported. Leave it out; there are ${listed(names)}.`;
    throw new GatewayError("unsupported_parameter", message, { param: `${param}.${name}` });
  }
}

function lowerCase(value: unknown, param: string, expected: string): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value) && value.every((name): name is string => typeof name === "string")) {
    return value.map((name) => name.toLowerCase());
  }
  throw invalid(param, `expected an array of ${expected}`);
}

function flag(value: unknown, param: string): boolean | null {
  if (value === undefined || value === null || typeof value === "boolean") return value ?? null;
  throw invalid(param, "expected true or false");
}

function word<Word extends string>(value: unknown, words: readonly Word[], param: string): Word | null {
  if (value === undefined || value === null) return null;
  const found = words.find((one) => one === value);
  if (found === undefined) throw invalid(param, `expected one of ${listed(words)}`);
  return found;
}

function amount(value: unknown, param: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw invalid(param, "expected a number that is not negative");
}

function listed(words: readonly string[]): string {
  return words.map((one) => `\`${one}\``).join(", ");
}

function invalid(param: string, problem: string): GatewayError {
  return new GatewayError("invalid_request", `Invalid \`${param}\`: ${problem}.`, { param });
}
