// A catalogue of a test's own rows, and a router that plans over it on the test's clock.
import { createCatalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { bearer, type DataPolicy, defineProvider } from "../../providers/define.ts";
import { compatibleChat } from "../../providers/dialects/openai-chat/index.ts";
import type { Peek } from "../../providers/dialects/peek.ts";
import { GatewayError } from "../../src/errors.ts";
import { type Aliases, noAliases } from "../../src/router/alias.ts";
import { type Ask, noPreferences, type Preferences } from "../../src/router/ask.ts";
import type { Plan, Serving, Step } from "../../src/router/plan.ts";
import { Router } from "../../src/router/router.ts";
import { seeded } from "../bench/router/world.ts";

export const start = 1_000_000;

/** A row of `lab/model` at a provider, USD per million tokens in and out. */
export function row(provider: string, price: string | null, more: Partial<ModelFacts> = {}): ModelFacts {
  const providerModelId = more.providerModelId ?? "model";
  return {
    id: `${provider}/${providerModelId}`,
    canonical: "lab/model",
    provider,
    providerModelId,
    variant: [],
    name: "Model",
    mode: "chat",
    inputModalities: ["text"],
    outputModalities: ["text"],
    capabilities: {},
    reasoningOptions: [],
    prices: price === null ? null : { input: price, output: price, tiers: [], modes: {} },
    unitPrices: null,
    zeroPrice: false,
    status: "active",
    ...more,
  };
}

export interface World {
  readonly clock: { nowMs: number };
  readonly router: Router;
  readonly serving: Serving;
  plan(
    ask?: Partial<Omit<Ask, "preferences" | "peek">>,
    preferences?: Partial<Preferences>,
    peek?: Partial<Peek>,
  ): Plan;
  /** The providers of a plan, in order. */
  order(
    ask?: Partial<Omit<Ask, "preferences" | "peek">>,
    preferences?: Partial<Preferences>,
    peek?: Partial<Peek>,
  ): string[];
  /** The error instead of a plan. */
  refusal(
    ask?: Partial<Omit<Ask, "preferences" | "peek">>,
    preferences?: Partial<Preferences>,
    peek?: Partial<Peek>,
  ): GatewayError;
  /** Has a provider answer so many calls with these times. */
  answered(provider: string, times: { ttftMs: number; tokensPerSecond: number; calls?: number }): void;
}

export interface WorldOptions {
  readonly pools?: Readonly<Record<string, number>>;
  readonly dataPolicies?: Readonly<Record<string, DataPolicy>>;
  readonly aliases?: Aliases;
  readonly random?: () => number;
}

/** Every provider that the rows name is connected, with one credential where `pools` says no other number. */
export function world(rows: readonly ModelFacts[], options: WorldOptions = {}): World {
  const clock = { nowMs: start };
  const router = new Router({
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    random: options.random ?? seeded(1),
  });
  const connections = [...new Set(rows.map(({ provider }) => provider))].flatMap((id) => {
    const dataPolicy = options.dataPolicies?.[id];
    const provider = defineProvider({
      id,
      name: id,
      dialect: compatibleChat({}),
      baseUrl: `https://${id}.example/v1`,
      auth: bearer("NONE"),
      ...(dataPolicy && { dataPolicy }),
    });
    return Array.from({ length: options.pools?.[id] ?? 1 }, (_, at) => ({
      id: at === 0 ? id : `${id}#${at + 1}`,
      provider,
      secret: null,
      baseUrl: provider.baseUrl,
    }));
  });
  const serving: Serving = {
    catalog: createCatalog(rows),
    connections: new Map(connections.map((connection) => [connection.id, connection])),
    aliases: options.aliases ?? noAliases,
  };
  const plan: World["plan"] = (ask = {}, preferences = {}, peek = {}) =>
    router.plan(
      { ...asking, ...ask, preferences: { ...noPreferences, ...preferences }, peek: { ...saying, ...peek } },
      serving,
    );
  return {
    clock,
    router,
    serving,
    plan,
    order: (...asked) => plan(...asked).steps.map(({ deployment }) => deployment.connection.id),
    refusal: (...asked) => {
      try {
        plan(...asked);
      } catch (error) {
        if (error instanceof GatewayError) return error;
        throw error;
      }
      throw new Error("it was planned");
    },
    answered: (provider, { ttftMs, tokensPerSecond, calls = 30 }) => {
      for (let call = 0; call < calls; call++) {
        const planned = plan({}, { only: [provider] });
        const [step] = planned.steps as readonly [Step];
        const underway = router.begin(step, true);
        router.content(step, underway);
        const durationMs = ttftMs + (1_000 * 100) / tokensPerSecond;
        router.succeeded(step, underway, { ttftMs, durationMs }, { inputTokens: 100, outputTokens: 100 }, planned);
        clock.nowMs += 10;
      }
    },
  };
}

const asking: Omit<Ask, "preferences" | "peek"> = {
  models: ["lab/model"],
  purpose: { fits: ({ mode }) => mode === "chat", noun: "a chat model", servedBy: () => true },
  operation: "chat",
  stream: true,
  refuses: null,
  caller: { keyId: "key_1", customer: "acme", project: "shop", metadata: {} },
};

export const saying: Peek = {
  textLength: 400,
  maxOutputTokens: null,
  tools: false,
  jsonSchema: false,
  images: false,
  documents: false,
  audio: false,
  video: false,
  reasoning: false,
  session: null,
  user: null,
  metadata: {},
  opening: () => "Hello",
};
