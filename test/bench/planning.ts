// What planning a call costs, with 400 models, 40 providers and 1,000 deployments, beside a bare Node proxy's whole call in the
// same run: `node test/bench/planning.ts`.
import { createCatalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { bearer, defineProvider } from "../../providers/define.ts";
import { compatibleChat, openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { systemClock } from "../../src/clock.ts";
import { noAliases } from "../../src/router/alias.ts";
import { type Ask, noPreferences } from "../../src/router/ask.ts";
import type { Plan } from "../../src/router/plan.ts";
import { Router } from "../../src/router/router.ts";
import { load, startScript } from "./path/servers.ts";

const models = 400;
const providers = 40;
const deployments = 1_000;
const plans = 200_000;
const rounds = 5;

const made = Array.from({ length: providers }, (_, at) =>
  defineProvider({
    id: `provider${at}`,
    name: `Provider ${at}`,
    dialect: compatibleChat({}),
    baseUrl: `https://provider${at}.example/v1`,
    auth: bearer("NONE"),
  }),
);
const rows = Array.from({ length: deployments }, (_, at): ModelFacts => {
  const model = at % models;
  const provider = `provider${(at * 7) % providers}`;
  return {
    id: `${provider}/model-${model}-${at}`,
    canonical: `lab/model-${model}`,
    provider,
    providerModelId: `model-${model}-${at}`,
    variant: [],
    name: `Model ${model}`,
    mode: "chat",
    contextWindow: 128_000,
    inputModalities: ["text", "image"],
    outputModalities: ["text"],
    capabilities: { tools: true, jsonSchema: true },
    reasoningOptions: [],
    prices: { input: `0.${10 + (at % 80)}`, output: `1.${10 + (at % 80)}`, tiers: [], modes: {} },
    unitPrices: null,
    zeroPrice: false,
    status: "active",
  };
});
const serving = {
  catalog: createCatalog(rows),
  connections: new Map(
    made.map((provider) => [provider.id, { id: provider.id, provider, secret: null, baseUrl: provider.baseUrl }]),
  ),
  aliases: noAliases,
};
const router = new Router({ clock: systemClock });
const body = {
  model: "lab/model-1",
  messages: [
    { role: "system", content: "You are a helpful assistant. ".repeat(10) },
    { role: "user", content: "Say something. ".repeat(20) },
  ],
};
const purpose = { fits: () => true, noun: "a chat model", servedBy: () => true };
const caller = { keyId: "key", customer: "customer", project: "project", metadata: {} };
const asked = (at: number): Ask => ({
  models: [`lab/model-${at % models}`],
  purpose,
  operation: "chat",
  preferences: noPreferences,
  stream: false,
  refuses: null,
  peek: openaiChatServer.peek?.(body) ?? null,
  caller,
});

/** Plans, begins and ends a call, as the gateway does for each. */
function call(at: number): Plan {
  const plan = router.plan(asked(at), serving);
  const [step] = plan.steps;
  if (step === undefined) throw new Error("nothing was planned");
  const underway = router.begin(step, false);
  router.succeeded(step, underway, { ttftMs: null, durationMs: 800 }, { inputTokens: 150, outputTokens: 80 }, plan);
  return plan;
}

const upstream = await startScript("upstream", {});
const bare = await startScript("bare-proxy", { UPSTREAM: upstream.url, MODE: "parse" });
await load(bare, { calls: 1_000, stream: false });
for (let at = 0; at < 20_000; at++) call(at);
const planning: number[] = [];
const proxying: number[] = [];
for (let round = 0; round < rounds; round++) {
  const from = process.cpuUsage();
  for (let at = 0; at < plans; at++) call(at);
  const { user, system } = process.cpuUsage(from);
  planning.push((user + system) / plans);
  proxying.push(await load(bare, { calls: 3_000, stream: false }));
}
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const [plan, proxy] = [median(planning), median(proxying)];
console.log(
  `${models} models, ${providers} providers, ${deployments} deployments; medians of ${rounds} rounds, CPU µs`,
);
console.log(`  peek, plan, begin, settle   ${plan.toFixed(2)}`);
console.log(`  a bare proxy's call         ${proxy.toFixed(1)}`);
console.log(`  ratio                       ${(100 * (plan / proxy)).toFixed(1)} %`);
for (const { process: child } of [bare, upstream]) child.kill();
