// A spool: where the part of an upload is kept that is too large to be held in memory.
import { Blocks } from "./blocks.ts";

export interface Spool {
  append(bytes: Uint8Array): Promise<void>;
  /** One or more of the bytes from `at` on, up to `length`. There must be some. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** Frees what it holds. */
  close(): Promise<void>;
}

/** Opens a spool for one upload. */
export type OpenSpool = () => Promise<Spool>;

/** How uploads are taken. */
export interface UploadDeps {
  readonly openSpool: OpenSpool;
  /** The largest form, bytes. */
  readonly maxUploadBytes: number;
}

/** Where there is no disk (Workers, a database in memory): memory after all, so the limit of uploads must be low. */
export async function memorySpool(): Promise<Spool> {
  const blocks = new Blocks();
  return {
    append: async (bytes) => blocks.append(bytes),
    read: async (at, length) => blocks.read(at, length),
    close: async () => {},
  };
}
