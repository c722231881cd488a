// An alias as operators write it: in requests, in the configuration file and in the database alike.
import { z } from "@hono/zod-openapi";
import { weightsSchema } from "../config.ts";
import { operations } from "../gateway/operations.ts";

const model = z.string().min(1).max(200).regex(/^\S+$/, "expected a model's name, without white space");
const names = z.array(z.string().min(1).max(100)).max(50);
const provider = z.string().min(1).max(100).toLowerCase();
const pattern = z.string().min(1).max(200);
const patterns = z
  .record(z.string().min(1).max(64), z.string().max(200))
  .refine((entries) => Object.keys(entries).length <= 20, "at most 20 entries");
const flag = z.boolean().optional();
const tokens = z.int().min(0).max(1_000_000_000).optional();
const usd = z.number().nonnegative().max(1_000_000).optional();

const target = z.union(
  [
    model,
    z.strictObject({
      model,
      weight: z.number().positive("a weight is greater than 0").max(1_000_000).default(1),
    }),
  ],
  "expected a model's name, or an object of `model` and `weight`",
);

const objectives = ["balanced", "price", "latency", "throughput"] as const;
const strategies = ["ordered", "weighted", "least_busy", ...objectives] as const;

const strategy = z.union(
  [z.enum(strategies), weightsSchema],
  `expected one of ${strategies.join(", ")}, or weights of price, latency, throughput and time`,
);

const preferences = z.strictObject({
  only: z.array(provider).max(50).optional(),
  ignore: z.array(provider).max(50).optional(),
  quantizations: names.optional(),
  data_collection: z.enum(["allow", "deny"]).optional(),
  zdr: flag,
  max_price: z.strictObject({ prompt: usd, completion: usd, request: usd, image: usd }).optional(),
});

const route = {
  targets: z.array(target).min(1).max(50),
  strategy: strategy.optional(),
  sticky: z.enum(["user", "conversation"]).nullable().optional(),
  fallbacks: z.array(model).max(20).optional(),
  preferences: preferences.nullable().optional(),
};

const condition = z
  .strictObject({
    input_tokens: z
      .strictObject({ above: tokens, at_most: tokens })
      .refine((bounds) => Object.keys(bounds).length > 0, "expected `above`, `at_most` or both")
      .optional(),
    tools: flag,
    json_schema: flag,
    images: flag,
    documents: flag,
    audio: flag,
    video: flag,
    reasoning: flag,
    stream: flag,
    operations: z
      .array(z.enum(["chat", ...Object.keys(operations)]))
      .min(1)
      .optional(),
    metadata: patterns.optional(),
    key_metadata: patterns.optional(),
    customers: z.array(pattern).min(1).max(100).optional(),
    projects: z.array(pattern).min(1).max(100).optional(),
  })
  .refine((members) => Object.keys(members).length > 0, "a rule needs a condition");

/** A model or a list of them where a whole route could stand. */
const short = (written: unknown): unknown => {
  if (typeof written === "string") return { targets: [written] };
  return Array.isArray(written) ? { targets: written } : written;
};

/** Elsewhere nobody is given shares, and `sticky` would be ignored in silence. */
function checkSticky(
  route: Sticky & { readonly rules?: readonly { readonly then: Sticky }[] | undefined },
  context: z.RefinementCtx,
) {
  const complain = (path: (string | number)[]) =>
    context.addIssue({ code: "custom", path: [...path, "sticky"], message: "only a weighted alias can be sticky" });
  const isWrong = ({ sticky, strategy = route.strategy }: Sticky) =>
    typeof sticky === "string" && strategy !== "weighted";
  if (isWrong(route)) complain([]);
  for (const [index, { then }] of (route.rules ?? []).entries()) if (isWrong(then)) complain(["rules", index, "then"]);
}

interface Sticky {
  readonly sticky?: string | null | undefined;
  readonly strategy?: unknown;
}

const routeSchema = z.strictObject(route);

export type RouteRequest = z.output<typeof routeSchema>;
export type ConditionRequest = z.output<typeof condition>;

/** What an alias is beside its name. */
export const definitionShape = {
  ...route,
  rules: z
    .array(
      z.strictObject({
        when: condition,
        // biome-ignore lint/suspicious/noThenProperty: it is the word of the public shape, and nothing awaits a schema.
        then: z.preprocess(short, routeSchema),
      }),
    )
    .max(50)
    .optional(),
};

/** The name of an alias, where it stands alone. */
export const aliasName = z
  .string()
  .regex(/^[^\s\p{C}]{1,128}$/u, "expected 1 to 128 visible characters without spaces")
  .regex(/^(?!.*:(floor|nitro)$)/, "it can't end in :floor or :nitro, which callers put behind names");

const example = {
  name: "smart",
  targets: ["anthropic/claude-sonnet-4-5", { model: "openai/gpt-5", weight: 3 }],
  strategy: "weighted",
  sticky: "user",
  fallbacks: ["auto:high"],
  rules: [
    {
      when: { input_tokens: { above: 100_000 }, metadata: { tier: "gold*" } },
      // biome-ignore lint/suspicious/noThenProperty: as above.
      then: { targets: ["google/gemini-2.5-pro"] },
    },
  ],
};

/** What may be said of an alias. */
export const aliasRequest = z
  .strictObject({ name: aliasName, ...definitionShape })
  .superRefine(checkSticky)
  .openapi("AliasRequest", { example });

export type AliasRequest = z.output<typeof aliasRequest>;

/** The same without its name, which stands elsewhere; a model's name or a list of them will do. */
export const aliasDefinition = z.preprocess(short, z.strictObject(definitionShape).superRefine(checkSticky));

export type AliasDefinition = z.output<typeof aliasDefinition>;
