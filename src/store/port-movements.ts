// What the store tells of the movements of credits to whoever follows them, as the rooms above see it.

/** What moved in customers' accounts between two places of the ledger. */
export interface Movements {
  /** Where to go on. */
  readonly row: number;
  /** Whether there is more. */
  readonly more: boolean;
  /** By customer: all that was put in less all that was taken out. */
  readonly moved: readonly { readonly customer: string; readonly nanos: bigint }[];
  /** In the order in which they were made. */
  readonly topUps: readonly { readonly customer: string; readonly nanos: bigint }[];
}

export interface MovementStore {
  /** Reads on from a row; 0 for the beginning. A part of the ledger at a time, however long it is. */
  since(row: number): Promise<Movements>;
}
