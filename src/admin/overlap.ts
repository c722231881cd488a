// How long what is replaced works beside the new one: the same hours for keys, administrators, credentials and webhooks.
import { z } from "@hono/zod-openapi";

const longestHours = 24 * 90;
const expected = `expected hours, from 0 to ${longestHours}`;

/** `overlap_hours` of whatever is rotated, and `--overlap-hours` of its command. */
export const overlapHours = z.number(expected).min(0, expected).max(longestHours, expected);
