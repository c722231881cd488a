// A declared model as operators write it (in requests and in the configuration file) and as they are shown it.
import { z } from "@hono/zod-openapi";
import type { ModelDeclaration } from "../../providers/catalog/declared.ts";
import { decimal } from "../../providers/catalog/source.ts";
import type { ModelRecord } from "../store/port.ts";
import { label, timestamp } from "./schemas.ts";

const tokens = z.int().positive().max(1_000_000_000);
const notPrice = "expected a price as a number or decimal text, not negative and at most 1000000";
const price = z
  .union([z.number().nonnegative().max(1_000_000), z.string().regex(/^\d{1,7}(\.\d{1,12})?$/, notPrice)], notPrice)
  .optional();
const flag = z.boolean().optional();
const modality = z.enum(["text", "image", "audio", "video", "pdf", "code", "embedding", "score", "moderation"]);

/** USD per million tokens. */
export const priceRequest = z
  .strictObject({
    input: price,
    output: price,
    cache_read: price,
    cache_write: price,
    cache_write_1h: price,
    input_audio: price,
    output_audio: price,
    reasoning: price,
  })
  .refine((prices) => Object.keys(prices).length > 0, "at least one price is needed")
  .openapi("ModelPrices", {
    description: "USD per million tokens. They replace all prices that the catalogue has of the model.",
    example: { input: "0.25", output: "2", cache_read: "0.025" },
  });

const twoParts = /^[^\s/?]+\/[^\s?]+$/;

/** What may be said of a model. Requests and the configuration file say it alike. */
export const modelRequest = z
  .strictObject({
    id: z.string().max(200).regex(twoParts, "expected provider/model, as the provider names the model").openapi({
      description: "`provider/model`. What the catalogue has is changed, anything else added.",
      example: "openai/ft:gpt-5-mini:acme",
    }),
    canonical: z.string().max(200).regex(twoParts, "expected lab/model").optional().openapi({
      description: "The model that it is, for calls that leave the provider open.",
      example: "openai/gpt-5-mini",
    }),
    name: label(200).optional(),
    mode: z
      .enum([
        "chat",
        "completion",
        "embedding",
        "rerank",
        "transcription",
        "speech",
        "image",
        "video",
        "moderation",
        "realtime",
      ])
      .optional(),
    context_window: tokens.optional(),
    max_input_tokens: tokens.optional(),
    max_output_tokens: tokens.optional(),
    input_modalities: z.array(modality).min(1).max(9).optional(),
    output_modalities: z.array(modality).min(1).max(9).optional(),
    capabilities: z
      .strictObject({
        tools: flag,
        parallel_tools: flag,
        json_schema: flag,
        reasoning: flag,
        vision: flag,
        pdf: flag,
        audio: flag,
        audio_output: flag,
        streaming: flag,
        prompt_cache: flag,
        temperature: flag,
      })
      .optional(),
    prices: priceRequest.optional(),
  })
  .openapi("ModelRequest");

export type ModelRequest = z.output<typeof modelRequest>;

export const modelSchema = modelRequest
  .extend({ object: z.literal("model"), created_at: timestamp, updated_at: timestamp })
  .openapi("DeclaredModel");

/** The request as the catalogue takes it. */
export function toDeclaration({ prices, ...request }: ModelRequest): ModelDeclaration {
  const exact = Object.entries(prices ?? {}).map(([counter, value]) => [
    counter,
    typeof value === "number" ? decimal(value) : value,
  ]);
  const declaration = { ...request, ...(prices !== undefined && { prices: Object.fromEntries(exact) }) };
  return renamed(declaration, (name) => name.replace(/_([a-z0-9])/g, (_, next: string) => next.toUpperCase())) as never;
}

/** The declaration as it was written, with its times. Prices are exact decimal text. */
export function modelView({ declaration, createdAtMs, updatedAtMs }: ModelRecord): z.output<typeof modelSchema> {
  const written = renamed(declaration, (name) => name.replace(/[A-Z]|\d+h$/g, (part) => `_${part.toLowerCase()}`));
  return {
    ...(written as ModelRequest),
    object: "model",
    created_at: new Date(createdAtMs).toISOString(),
    updated_at: new Date(updatedAtMs).toISOString(),
  };
}

/** Names of members by another convention, all the way down; lists are left as they are. */
function renamed(value: object, rename: (name: string) => string): object {
  const entries = Object.entries(value).map(([name, member]) => [
    rename(name),
    typeof member === "object" && member !== null && !Array.isArray(member) ? renamed(member, rename) : member,
  ]);
  return Object.fromEntries(entries);
}
