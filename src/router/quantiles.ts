// Quantiles of a quantity that changes: a histogram with logarithmic buckets in which old observations fade.

/** Each bucket ends so many times above where it begins: estimates are within 12 % of an observed value. */
const ratio = 1.12;
/** The first bucket ends here, whatever the unit; everything below it is one. */
const smallest = 1;
/** Up to some 20 million units: hours, where the unit is the millisecond. */
const buckets = 150;
/** An observation weighs this much less with each one after it: half the weight lies on the last 42. */
const fade = 1 - 1 / 60;
/** And half as much after so long, so that what is not measured any more is not believed for ever. */
const halfLifeMs = 4 * 60_000;
/** Weights grow instead of shrinking, which costs one multiplication; before they overflow, all are scaled down. */
const largestScale = 1e100;

const logRatio = Math.log(ratio);

/** What survives a restart. */
export interface QuantilesSnapshot {
  /** Bucket numbers and their weights, as of `atMs`; the sum of the weights is the count. */
  readonly weights: readonly (readonly [bucket: number, weight: number])[];
  readonly atMs: number;
}

/** Of what was never observed: callers can name any number of models. */
const noWeights = new Float64Array(0);

/** Takes values above 0 and gives their recent quantiles. Times are epoch milliseconds and must not go back. */
export class Quantiles {
  #weights = noWeights;
  /** The weight of an observation made at `#atMs`. */
  #scale = 1;
  #atMs = 0;
  #total = 0;

  /** When it was last observed, or restored; 0 when it was not. */
  get observedAtMs(): number {
    return this.#atMs;
  }

  observe(value: number, nowMs: number): void {
    if (this.#weights === noWeights) this.#weights = new Float64Array(buckets);
    this.#advance(nowMs);
    this.#scale /= fade;
    const bucket = bucketOf(value);
    this.#weights[bucket] = (this.#weights[bucket] ?? 0) + this.#scale;
    this.#total += this.#scale;
    if (this.#scale > largestScale) this.#rescale();
  }

  /** How many observations there are, faded ones in part: 60 at most. */
  count(nowMs: number): number {
    return this.#total === 0 ? 0 : (this.#total / this.#scale) * 2 ** -((nowMs - this.#atMs) / halfLifeMs);
  }

  /** The value that the share `q` of observations does not exceed; null when there is none. */
  quantile(q: number): number | null {
    if (this.#total === 0) return null;
    let left = q * this.#total;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const weight = this.#weights[bucket] ?? 0;
      if (weight >= left && weight > 0) return lowerEdge(bucket) * ratio ** (left / weight);
      left -= weight;
    }
    return lowerEdge(buckets);
  }

  snapshot(nowMs: number): QuantilesSnapshot {
    const weights: [number, number][] = [];
    const now = this.#total === 0 ? 0 : this.count(nowMs) / this.#total;
    for (const [bucket, weight] of this.#weights.entries()) {
      if (weight * now > 0.01) weights.push([bucket, Number((weight * now).toPrecision(3))]);
    }
    return { weights, atMs: nowMs };
  }

  restore({ weights, atMs }: QuantilesSnapshot): void {
    this.#weights = new Float64Array(buckets);
    this.#total = 0;
    this.#scale = 1;
    this.#atMs = atMs;
    for (const [bucket, weight] of weights) {
      if (!(weight > 0 && weight < Infinity) || bucket < 0 || bucket >= buckets) continue;
      this.#weights[bucket] = weight;
      this.#total += weight;
    }
  }

  #advance(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    if (this.#atMs > 0) this.#scale *= 2 ** ((nowMs - this.#atMs) / halfLifeMs);
    this.#atMs = nowMs;
    if (this.#scale > largestScale) this.#rescale();
  }

  #rescale(): void {
    const by = Number.isFinite(this.#scale) ? 1 / this.#scale : 0;
    this.#weights = this.#weights.map((weight) => weight * by);
    this.#total *= by;
    this.#scale = 1;
  }
}

function bucketOf(value: number): number {
  if (!(value > smallest)) return 0;
  return Math.min(buckets - 1, 1 + Math.floor(Math.log(value / smallest) / logRatio));
}

function lowerEdge(bucket: number): number {
  return bucket === 0 ? smallest / ratio : smallest * ratio ** (bucket - 1);
}
