// Waiting for a database in which another process is writing at this moment.

const mostTries = 40;
const longestWaitMs = 200;

/**
 * Does what is to be written, again and again while others are faster, for some seconds at most.
 * @param attempt resolves to false when it has to be done once more.
 * @throws whatever the database refuses for another reason, or at last.
 */
export async function untilDone(attempt: () => Promise<boolean>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      if (await attempt()) return;
      if (tries >= mostTries) throw new Error("the trail is written by others all the time");
    } catch (error) {
      if (tries >= mostTries || !isBusy(error)) throw error;
    }
    const waitMs = Math.random() * Math.min(longestWaitMs, 2 ** tries);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** SQLite's word for another process that is writing. */
function isBusy(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" && code.startsWith("SQLITE_BUSY");
}
