// Spools on Node: files without a name, so that none outlives its upload, whatever becomes of the process.
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OpenSpool, Spool } from "./spool.ts";

const suffix = ".upload";

/**
 * Spools in this folder, which is made. Files that a dead process left there (between making one and taking its name) are
 * removed; to a living one that does the same, that is no loss.
 */
export function fileSpools(folder: string): OpenSpool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) if (name.endsWith(suffix)) rmSync(join(folder, name), { force: true });
  return () => fileSpool(join(folder, `${randomUUID()}${suffix}`));
}

async function fileSpool(path: string): Promise<Spool> {
  const file = await open(path, "wx+", 0o600);
  await rm(path, { force: true });
  let size = 0;
  return {
    async append(bytes) {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written, size);
        written += bytesWritten;
        size += bytesWritten;
      }
    },
    async read(at, length) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}
