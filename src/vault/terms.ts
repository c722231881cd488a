// Terms: what holds for a stored credential beside its value.

export interface Terms {
  /** Whose own key it is: for nobody else's calls. Null for the installation's. */
  readonly customer: string | null;
  /** Whether the calls of its customer may go on with the installation's credentials of the same provider. */
  readonly fallback: boolean;
  /** Its share among near-equals, from 1 up; a credential without terms has 1. */
  readonly weight: number;
  /** Of one provider's credentials for a model, those of the lowest number come first; without terms it is 0. */
  readonly priority: number;
  /** What its customer is charged for each 100 of cost; exact decimal. Said of customers' own keys alone. */
  readonly feePercent: string | null;
  /** Whether it may be used for a model, by any of the model's names. */
  serves(names: readonly string[]): boolean;
  /** How much may be sent with it; null for any amount. */
  readonly room: Room | null;
}

/** What limits of a credential leave, as far as this process knows. */
export interface Room {
  /** When one more call may be sent, epoch milliseconds: not after now when it may be at once. */
  freeAtMs(nowMs: number): number;
  begin(nowMs: number): void;
  /** @param tokens what the call has used, as far as anybody knows. */
  end(tokens: number, nowMs: number): void;
}
