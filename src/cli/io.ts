// What a command needs of the world, and how it says that it failed.

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal, on which a line can be written over. */
  readonly errIsTerminal?: boolean;
}

/** A failure that its message explains. Nothing else is printed of it. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** A value as JSON, for machines. */
export function printJson(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}
