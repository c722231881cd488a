// Archives: what retention removes, as JSON lines in a file that proves itself like any export.
import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AuditRow } from "../store/port-audit.ts";
import type { CutBody } from "./checkpoint.ts";
import { formatted } from "./formats.ts";

/** Writes to `audit-<first>-<last>.jsonl` in a folder, which is on the disk when this resolves. */
export function archiveIn(folder: string) {
  return async (first: number, last: number, rows: AsyncIterable<AuditRow>): Promise<CutBody["archive"]> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `audit-${first}-${last}.jsonl`);
    const file = await open(path, "w", 0o600);
    const hash = createHash("sha256");
    try {
      for await (const row of rows) {
        const line = `${formatted("json", row)}\n`;
        hash.update(line);
        await file.write(line);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { file: basename(path), sha256: hash.digest("hex") };
  };
}
