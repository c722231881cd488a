// Counts refused calls by key, hour and code: in memory, and written in groups, because whoever is refused comes often.

/** Whose call was refused; null where nobody knows the key. */
export interface RefusedKey {
  readonly id: string;
  readonly customer: string;
  readonly project: string;
}

/** Refusals of one key in one hour, for one reason. */
export interface RefusalRow {
  /** Empty where nobody knows the key, as `customer` and `project` are then. */
  readonly keyId: string;
  readonly customer: string;
  readonly project: string;
  /** The beginning of the hour, UTC, epoch milliseconds. */
  readonly hourMs: number;
  /** A public error code. */
  readonly code: string;
  readonly count: number;
}

export interface RefusalCounter {
  count(code: string, key: RefusedKey | null, atMs: number): void;
  /** Writes what was counted. Rejects when the database does not take it; then it is kept. */
  flush(): Promise<void>;
}

const hourMs = 3_600_000;
/** Keys, hours and codes that wait to be written; refusals of further keys are counted as of an unknown one. */
const mostWaiting = 20_000;
const nobody: RefusedKey = { id: "", customer: "", project: "" };

export function createRefusalCounter({
  add,
}: {
  /** Adds to what is there already. */
  add(rows: readonly RefusalRow[]): Promise<void>;
}): RefusalCounter {
  let waiting = new Map<string, RefusalRow & { count: number }>();

  function note(row: RefusalRow): void {
    const name = `${row.hourMs} ${row.code} ${row.keyId}`;
    const known = waiting.get(name);
    if (known !== undefined) known.count += row.count;
    else if (waiting.size < mostWaiting || row.keyId === "") waiting.set(name, { ...row });
    else note({ ...row, keyId: "", customer: "", project: "" });
  }

  return {
    count(code, key, atMs) {
      const { id: keyId, customer, project } = key ?? nobody;
      note({ keyId, customer, project, hourMs: atMs - (atMs % hourMs), code, count: 1 });
    },
    async flush() {
      if (waiting.size === 0) return;
      const rows = [...waiting.values()];
      waiting = new Map();
      try {
        await add(rows);
      } catch (error) {
        for (const row of rows) note(row);
        throw error;
      }
    },
  };
}
