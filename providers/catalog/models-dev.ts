// models.dev's api.json as facts: the public source that most rows come from, and are refreshed from.
// Its shape: the schema in the repository anomalyco/models.dev (packages/core/src/schema.ts), of which this reads a part.
import { z } from "zod";
import type { ModelFacts } from "./facts.ts";
import { factsOf, type SourcePrices, type SourceRow } from "./source.ts";

/** Where the source is published. */
export const modelsDevUrl = "https://models.dev/api.json";

/** What the source says, by our names of the providers. */
export interface ModelsDev {
  /** Rows of every readable model; their canonical ids are `provider/model` until a catalogue places them. */
  readonly providers: ReadonlyMap<string, readonly ModelFacts[]>;
  /** `provider/model` of each entry that could not be read, with the first reason. */
  readonly unreadable: readonly string[];
}

/** Providers that the source calls by another name. */
const ourNames: ReadonlyMap<string, string> = new Map([
  ["fireworks-ai", "fireworks"],
  ["togetherai", "together"],
  ["novita-ai", "novita"],
  ["llama", "meta-llama"],
]);

// No token costs a dollar: more is a mistake of the source.
const price = z.number().nonnegative().max(1_000_000).optional();
const rates = z.object({
  input: price,
  output: price,
  cache_read: price,
  cache_write: price,
  input_audio: price,
  output_audio: price,
  reasoning: price,
});
const size = z.int().nonnegative();
const words = z.record(z.string(), z.string()).optional();
const modalities = z.array(z.enum(["text", "image", "audio", "video", "pdf"]));

const modelSchema = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  family: z.string().optional(),
  release_date: z.string().optional(),
  knowledge: z.string().optional(),
  open_weights: z.boolean().optional(),
  status: z.enum(["alpha", "beta", "deprecated"]).optional(),
  reasoning: z.boolean().optional(),
  tool_call: z.boolean().optional(),
  structured_output: z.boolean().optional(),
  temperature: z.boolean().optional(),
  interleaved: z.union([z.boolean(), z.object({ field: z.string() })]).optional(),
  reasoning_options: z
    .array(
      z.discriminatedUnion("type", [
        z.object({ type: z.literal("toggle") }),
        z.object({ type: z.literal("effort"), values: z.array(z.string()) }),
        z.object({ type: z.literal("budget_tokens"), min: size.optional(), max: size.optional() }),
      ]),
    )
    .optional(),
  modalities: z.object({ input: modalities, output: modalities }),
  limit: z.object({ context: size.optional(), input: size.optional(), output: size.optional() }),
  cost: rates
    .extend({
      tiers: z.array(rates.extend({ tier: z.object({ type: z.literal("context"), size }) })).optional(),
      context_over_200k: rates.optional(),
    })
    .optional(),
  provider: z
    .object({ npm: z.string().optional(), api: z.string().optional(), shape: z.string().optional() })
    .optional(),
  experimental: z
    .object({
      modes: z
        .record(
          z.string(),
          z.object({ cost: rates.optional(), provider: z.object({ body: words, headers: words }).optional() }),
        )
        .optional(),
    })
    .optional(),
});
type Model = z.output<typeof modelSchema>;
type Cost = NonNullable<Model["cost"]>;

const documentSchema = z.record(z.string(), z.object({ models: z.record(z.string(), z.unknown()) }));

/**
 * Reads the document. A model that can't be read is left out and named, so that one odd entry doesn't hold up the others.
 * @throws Error when it is not models.dev's document at all.
 */
export function readModelsDev(document: unknown): ModelsDev {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) throw new Error("it does not have the shape of models.dev's api.json: providers with `models`");
  const providers = new Map<string, ModelFacts[]>();
  const unreadable: string[] = [];
  for (const [name, { models }] of Object.entries(parsed.data)) {
    const provider = ourNames.get(name) ?? name;
    const rows: ModelFacts[] = [];
    for (const [id, entry] of Object.entries(models)) {
      const model = modelSchema.safeParse(entry);
      if (model.success) rows.push(factsOf(sourceRow(provider, model.data)));
      else
        unreadable.push(
          `${provider}/${id}: ${model.error.issues[0]?.path.join(".")}: ${model.error.issues[0]?.message}`,
        );
    }
    providers.set(provider, rows);
  }
  if ([...providers.values()].every((rows) => rows.length === 0)) throw new Error("it holds no model that can be read");
  return { providers, unreadable };
}

function sourceRow(provider: string, model: Model): SourceRow {
  const { cost, limit } = model;
  const input = model.modalities.input;
  const output = model.modalities.output;
  const id = `${provider}/${model.id}`;
  const wire = model.provider;
  const modes = Object.entries(model.experimental?.modes ?? {});
  return {
    id,
    canonical: id,
    provider,
    provider_model_id: model.id,
    mode: modeOf(model),
    name: model.name,
    ...(model.family !== undefined && { family: model.family }),
    // It writes 0 for a limit that it does not know.
    ...(limit.context && { context_window: limit.context }),
    ...(limit.input && { max_input_tokens: limit.input }),
    ...(limit.output && { max_output_tokens: limit.output }),
    input_modalities: input,
    output_modalities: output,
    capabilities: {
      ...stated("tools", model.tool_call),
      ...stated("json_schema", model.structured_output),
      ...stated("reasoning", model.reasoning),
      vision: input.includes("image"),
      pdf: input.includes("pdf"),
      audio: input.includes("audio"),
      audio_output: output.includes("audio"),
      ...stated("temperature", model.temperature),
    },
    ...(model.reasoning_options && { reasoning_options: model.reasoning_options.map(withoutUndefined) }),
    ...(typeof model.interleaved === "object" && { reasoning_field: model.interleaved.field }),
    ...(wire !== undefined && { wire_override: withoutUndefined(wire) }),
    ...(cost !== undefined && { price_usd_per_million: ratesOf(cost), price_tiers: tiersOf(cost) }),
    ...(modes.length > 0 && {
      price_modes: Object.fromEntries(
        modes.flatMap(([name, { cost: price, provider: asked }]) =>
          price === undefined
            ? []
            : [[name, { price_usd_per_million: ratesOf(price), ...withoutUndefined(asked ?? {}) }]],
        ),
      ),
    }),
    zero_price: cost?.input === 0 && cost.output === 0,
    status: model.status === "alpha" ? "beta" : (model.status ?? "active"),
    ...(model.release_date !== undefined && { release_date: model.release_date }),
    ...(model.knowledge !== undefined && { knowledge_cutoff: model.knowledge }),
    ...(model.open_weights !== undefined && { open_weights: model.open_weights }),
    source: "models.dev",
  };
}

/** The source has no word for what a model is for: by what it puts out, and by names that say it. */
function modeOf({ id, family = "", modalities: { input, output } }: Model): SourceRow["mode"] {
  const name = `${id} ${family}`.toLowerCase();
  if (name.includes("rerank")) return "rerank";
  if (name.includes("embed")) return "embedding";
  if (name.includes("realtime")) return "realtime";
  if (output.includes("text")) return input.length === 1 && input[0] === "audio" ? "transcription" : "chat";
  if (output.includes("video")) return "video";
  return output.includes("image") ? "image" : "speech";
}

function ratesOf({
  input,
  output,
  cache_read,
  cache_write,
  input_audio,
  output_audio,
  reasoning,
}: z.output<typeof rates>) {
  return withoutUndefined({ input, output, cache_read, cache_write, input_audio, output_audio, reasoning });
}

/** Tiers say their threshold; the older member means one at 200,000 tokens and repeats them where both stand. */
function tiersOf({
  tiers,
  context_over_200k: older,
}: Cost): (SourcePrices & { readonly above_input_tokens: number })[] {
  if (tiers !== undefined)
    return tiers.map(({ tier, ...prices }) => ({ above_input_tokens: tier.size, ...ratesOf(prices) }));
  return older === undefined ? [] : [{ above_input_tokens: 200_000, ...ratesOf(older) }];
}

function stated(name: string, value: boolean | undefined): Record<string, boolean> {
  return value === undefined ? {} : { [name]: value };
}

/** The members that are there: absent is unknown, in the catalogue as in the source. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
