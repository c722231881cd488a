// A file of lines, to which entries are only appended. Whoever rotates it moves it away: the next batch begins a new one.
import { open } from "node:fs/promises";
import { type Format, formatted } from "../formats.ts";
import type { Sink } from "./exporter.ts";

const newline = 0x0a;
const pieceBytes = 64 * 1024;

/** Each batch is on the disk before it counts as delivered. */
export function fileSink(path: string, format: Format): Sink {
  return {
    async send(rows) {
      const file = await open(path, "a+", 0o600);
      try {
        await file.truncate(await wholeLines(file));
        await file.appendFile(rows.map((row) => `${formatted(format, row)}\n`).join(""));
        await file.sync();
      } finally {
        await file.close();
      }
      return { through: rows.at(-1)?.seq ?? 0, refused: [] };
    },
    close: async () => {},
  };
}

/** Where the last whole line ends: what follows was cut off by a death, and is written again. */
async function wholeLines(file: Awaited<ReturnType<typeof open>>): Promise<number> {
  let { size: end } = await file.stat();
  while (end > 0) {
    const start = Math.max(0, end - pieceBytes);
    const piece = Buffer.alloc(end - start);
    await file.read(piece, 0, piece.length, start);
    const at = piece.lastIndexOf(newline);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}
