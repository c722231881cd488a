// Ask: all that planning may know of a call. The gateway makes it; the router reads nothing else of a request.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Provider } from "../../providers/define.ts";
import type { Peek } from "../../providers/dialects/peek.ts";
import type { Deployment } from "./deployment.ts";

/** What the models are wanted for. */
export interface Purpose {
  /** Whether a model can do it, as far as the catalogue knows. */
  fits(facts: ModelFacts): boolean;
  /** "`x` is not …": a word for such a model. */
  readonly noun: string;
  /** Whether a provider can be asked for it. */
  servedBy(provider: Provider): boolean;
}

/**
 * What a choice weighs, each from 0 up; only their proportions count. `price`: cost of the call. `latency`: time to the
 * first token. `throughput`: output tokens per second. `time`: the time of the whole answer, both together.
 */
export interface Weights {
  readonly price: number;
  readonly latency: number;
  readonly throughput: number;
  readonly time: number;
}

/** The named objectives. `balanced` is cost times time. */
export type Objective = "balanced" | "price" | "latency" | "throughput";

/** USD, as a caller gives them: `prompt` and `completion` per million tokens, the others per unit. */
export interface MaxPrice {
  readonly prompt?: number;
  readonly completion?: number;
  readonly request?: number;
  readonly image?: number;
}

/** Which deployments the caller wants (INTERFACE, "Preferences"). Provider ids are lower case. */
export interface Preferences {
  readonly order: readonly string[];
  readonly only: readonly string[] | null;
  readonly ignore: readonly string[];
  readonly allowFallbacks: boolean;
  /** True: nothing may be left out for a provider, whatever `drop_params` says. */
  readonly requireParameters: boolean;
  /** Null: what the alias, the key or the installation prefers. */
  readonly sort: Objective | Weights | null;
  readonly maxPrice: MaxPrice | null;
  /** True (`data_collection: "deny"`): only providers that are known not to keep prompts for their own ends. */
  readonly denyDataCollection: boolean;
  /** True (`zdr`): only providers that are known to keep nothing. */
  readonly zeroDataRetention: boolean;
  readonly quantizations: readonly string[] | null;
  /** Tokens per second; slower deployments come after those that keep it. */
  readonly minThroughput: number | null;
  /** Seconds to the first token; slower deployments come after those that keep it. */
  readonly maxLatencyS: number | null;
  /** Whether a second attempt is sent beside one that is slower than usual; null leaves it to the installation. */
  readonly hedge: boolean | null;
}

export const noPreferences: Preferences = {
  order: [],
  only: null,
  ignore: [],
  allowFallbacks: true,
  requireParameters: false,
  sort: null,
  maxPrice: null,
  denyDataCollection: false,
  zeroDataRetention: false,
  quantizations: null,
  minThroughput: null,
  maxLatencyS: null,
  hedge: null,
};

/** Characters to a token, on average: what a prompt's length is judged by before anybody has counted it. */
export const charactersPerToken = 4;

export interface Ask {
  /** In order of preference, as the caller wrote them: names of models or aliases. */
  readonly models: readonly string[];
  readonly purpose: Purpose;
  /** What the endpoint is called in rules: `chat`, `embeddings`, … */
  readonly operation: string;
  readonly preferences: Preferences;
  readonly stream: boolean;
  /** Null for what is no chat: nothing is required of a model then, and no conversation is kept. */
  readonly peek: Peek | null;
  /**
   * Whether the caller's policies keep a call from a deployment, and which of its names does; null when nothing is restricted.
   * @param requested the model as the caller wrote it.
   */
  readonly refuses?: ((requested: string, deployment: Deployment) => "model" | "provider" | null) | null;
  /** Who asks: rules and sticky splits go by it. */
  readonly caller: Caller;
}

export interface Caller {
  readonly keyId: string;
  readonly customer: string;
  readonly project: string;
  /** The key's own facts. */
  readonly metadata: Readonly<Record<string, string>>;
}
