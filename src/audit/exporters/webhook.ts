// A webhook: each entry is posted by itself, in order, signed as Standard Webhooks has it. The next one waits until it was taken.
import type { Deliver } from "../../observe/webhooks/deliver.ts";
import { exported } from "../formats.ts";
import type { Sink } from "./exporter.ts";

/** The receiver understood and will never take it (RFC 9110): all else may be over tomorrow, and is waited for. */
const finalStatuses = new Set([400, 413, 415, 422]);
/** So often one that is refused for good is tried before it becomes a dead letter. */
const mostRefusals = 3;

export function webhookSink(url: string, secrets: readonly string[], deliver: Deliver): Sink {
  /** Of the entry that is tried now. */
  let refusals = 0;
  return {
    async send(rows) {
      const refused: { seq: number; reason: string }[] = [];
      let through: number | null = null;
      for (const row of rows) {
        const entry = exported(row);
        const body = JSON.stringify({ type: `audit.${entry.action}`, timestamp: entry.at, data: entry });
        // The hash names the entry, whenever and by whomever it is sent.
        const delivery = await deliver(url, secrets, { id: `audit_${row.hash}`, body });
        if (delivery.kind === "failed") {
          const final = delivery.status !== null && finalStatuses.has(delivery.status);
          if (!final || ++refusals < mostRefusals) {
            if (through === null) throw new Error(delivery.reason);
            return { through, refused };
          }
          refused.push({ seq: row.seq, reason: delivery.reason });
        }
        refusals = 0;
        through = row.seq;
      }
      return { through: through ?? 0, refused };
    },
    close: async () => {},
  };
}
