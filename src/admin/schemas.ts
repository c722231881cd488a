// Shapes that several resources share.
import { z } from "@hono/zod-openapi";

export const timestamp = z.iso.datetime().openapi({ example: "2027-01-31T00:00:00.000Z" });

/** A text for people or for grouping: no control, formatting or unassigned characters, and one way to write each letter. */
export function label(maxLength: number) {
  return z
    .string()
    .normalize("NFC")
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{C}]*$/u, "control and invisible characters are not allowed")
    .regex(/^\S(.*\S)?$/u, "it can't begin or end with white space");
}

export function listOf<T extends z.ZodType>(item: T, name: string) {
  return z
    .object({
      object: z.literal("list"),
      data: z.array(item),
      has_more: z.boolean(),
      next_cursor: z.string().nullable(),
    })
    .openapi(name);
}

export const errorBody = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string().openapi({ example: "invalid_request_error" }),
      code: z.string().openapi({ example: "invalid_request" }),
      param: z.string().nullable(),
      request_id: z.string(),
    }),
  })
  .openapi("Error");

const described = {
  400: "The request is not valid, or asks for what this version can't do.",
  401: "The administrator's key is missing or not known.",
  403: "A customer's key was sent.",
  404: "There is no such object.",
  409: "The `Idempotency-Key` is in use, or was used for another request.",
  413: "The body is larger than 1 MB.",
  415: "The body is not JSON.",
  429: "Too many failed authentications.",
  502: "Every provider has refused this gateway's credential.",
  503: "No provider can be asked at the moment.",
} as const;

/** Error answers for a route's `responses`. */
export function errors<Status extends keyof typeof described>(...statuses: readonly Status[]) {
  const entry = (status: Status) => ({
    description: described[status],
    content: { "application/json": { schema: errorBody } },
  });
  return Object.fromEntries(statuses.map((status) => [status, entry(status)])) as Record<
    Status,
    ReturnType<typeof entry>
  >;
}

/** Documented here, enforced by the middleware (idempotency.ts), which must decide before anything else happens. */
export const idempotencyHeader = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .openapi({ description: "Sent again with the same value within 24 hours, a request is done once." }),
});
