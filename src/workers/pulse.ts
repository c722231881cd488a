// The pulse of a worker: its keeper asks it again and again whether it is there.

export interface PulseOptions {
  /** How long a worker may be silent. */
  readonly withinMs: number;
  /** Asks the worker. Resolves when it answers, rejects when it is gone. */
  ask(): Promise<unknown>;
  /** Told once of a worker that does not answer. */
  onSilent(): void;
}

/** A worker is asked so many times within the time that it may be silent. */
const beats = 4;

/**
 * Asks until the worker is gone or was silent for too long. What counts are questions, not time: where the keeper itself stood
 * still, with the whole machine perhaps, nobody had time to answer.
 * @returns what ends it.
 */
export function followPulse({ withinMs, ask, onSilent }: PulseOptions): () => void {
  let missed = 0;
  const beat = (): void => {
    missed += 1;
    if (missed > beats) {
      clearInterval(timer);
      onSilent();
      return;
    }
    ask().then(
      () => {
        missed = 0;
      },
      () => clearInterval(timer),
    );
  };
  const timer = setInterval(beat, withinMs / beats).unref();
  return () => clearInterval(timer);
}
