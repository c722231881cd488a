// The section `audit` of the configuration file: how long the trail is kept, and where it goes besides.
import { z } from "zod";

const name = z.string().regex(/^[\w.-]{1,64}$/, "a name has letters, digits, `.`, `_` and `-`");
const format = z.enum(["json", "cef", "ocsf"]).default("json");

const exporter = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("syslog"),
    name,
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).optional(),
    /** False for plain TCP. Files are PEM. */
    tls: z
      .union([
        z.boolean(),
        z.strictObject({
          ca_file: z.string().optional(),
          cert_file: z.string().optional(),
          key_file: z.string().optional(),
          server_name: z.string().optional(),
        }),
      ])
      .default(true),
    format,
  }),
  z.strictObject({ type: z.literal("file"), name, path: z.string().min(1), format }),
  z.strictObject({
    type: z.literal("webhook"),
    name,
    url: z.url({ protocol: /^https?$/ }),
    /** `whsec_…`, or where that stands: `env:NAME`, `file:/path`. */
    secret: z.string().min(1),
  }),
]);

export const auditSection = z
  .strictObject({
    /** Days that entries are kept at least; for ever where nothing is said. */
    retention_days: z.int().min(1).max(36_500).optional(),
    /** A folder for what retention removes. */
    archive: z.string().min(1).optional(),
    /** A file to which checkpoints are appended. It proves the more, the further it is from the database. */
    checkpoints: z.string().min(1).optional(),
    exporters: z
      .array(exporter)
      .refine((all) => new Set(all.map((one) => one.name)).size === all.length, "two exporters have the same name")
      .default([]),
  })
  .default({ exporters: [] });

export type AuditSettings = z.output<typeof auditSection>;
export type ExporterSettings = AuditSettings["exporters"][number];
