// Watches the room on the disk where the database is: told before it is full, while everything still works.
import { statfs } from "node:fs/promises";
import type { Alerts } from "./alerts.ts";

export const diskFull = "disk_full";

/** Raised below the first, over above the second: bytes. */
const leastFree = 512 * 1024 * 1024;
const enoughFree = 2 * leastFree;

/** Makes a look at the file system of a folder; it never rejects. @param leastBytes for whoever can't fill a disk. */
export function createDiskLook(folder: string, alerts: Alerts, leastBytes = leastFree): () => Promise<void> {
  /** Null until it was looked at once: the last run may have left an alert open. */
  let told: boolean | null = null;
  return async () => {
    const stats = await statfs(folder).catch(() => null);
    if (stats === null) return;
    const free = stats.bavail * stats.bsize;
    if (told !== true && free < leastBytes) {
      told = true;
      const megabytes = Math.floor(free / 1024 / 1024);
      alerts.raise(
        diskFull,
        "data",
        `The disk of the database has ${megabytes} MB left. When it is full, no call is admitted.`,
      );
    } else if (told !== false && free > (leastBytes / leastFree) * enoughFree) {
      told = false;
      alerts.resolve(diskFull, "data");
    }
  };
}
