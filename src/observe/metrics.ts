// Metrics: numbers that are counted as calls go by, told in Prometheus' text format (version 0.0.4) when somebody asks.

/** Sets of labels that one metric keeps; what comes beyond is counted under `other`, so that nothing can fill the memory. */
const mostSets = 1_000;

export interface Counter {
  /** @param labels values, in the order of the metric's names. */
  add(labels: readonly string[], by?: number): void;
}

export interface Histogram {
  observe(labels: readonly string[], value: number): void;
}

/** A value that is read when somebody asks. */
export interface Reading {
  readonly labels: readonly string[];
  readonly value: number;
}

export interface Metrics {
  counter(name: string, help: string, labels: readonly string[]): Counter;
  /** @param buckets upper bounds, ascending. */
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram;
  gauge(name: string, help: string, labels: readonly string[], read: () => readonly Reading[]): void;
  /** As of now, in the text format. */
  text(): string;
}

export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

export function createMetrics(): Metrics {
  const families: (() => string)[] = [];
  return {
    counter(name, help, names) {
      const sets = labelSets(() => ({ value: 0 }));
      families.push(() => {
        const lines = [...sets.all()].map(([labels, { value }]) => line(name, names, labels, value));
        return family(name, help, "counter", lines);
      });
      return {
        add: (labels, by = 1) => {
          sets.of(labels).value += by;
        },
      };
    },
    histogram(name, help, names, buckets) {
      const sets = labelSets(() => ({ counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 }));
      families.push(() => {
        const lines = [...sets.all()].flatMap(([labels, { counts, sum }]) => {
          let below = 0;
          const cumulative = counts.map((count, at) => {
            below += count;
            const bound = buckets[at] === undefined ? "+Inf" : String(buckets[at]);
            return line(`${name}_bucket`, [...names, "le"], [...labels, bound], below);
          });
          return [...cumulative, line(`${name}_sum`, names, labels, sum), line(`${name}_count`, names, labels, below)];
        });
        return family(name, help, "histogram", lines);
      });
      return {
        observe(labels, value) {
          const set = sets.of(labels);
          let at = 0;
          while (at < buckets.length && value > (buckets[at] ?? 0)) at++;
          set.counts[at] = (set.counts[at] ?? 0) + 1;
          set.sum += value;
        },
      };
    },
    gauge(name, help, names, read) {
      families.push(() => {
        const lines = read().map(({ labels, value }) => line(name, names, labels, value));
        return family(name, help, "gauge", lines);
      });
    },
    text: () => families.map((write) => write()).join(""),
  };
}

/**
 * The metrics of several processes as one text, in which every sample says whose it is.
 * @param texts as `Metrics.text` writes them, by the process's name.
 */
export function joinMetrics(texts: ReadonlyMap<string, string>): string {
  const families = new Map<string, { readonly head: string; lines: string[] }>();
  for (const [worker, text] of texts) {
    for (const one of text.split(/^(?=# HELP )/m)) {
      const [help = "", type = "", ...lines] = one.split("\n").filter((each) => each !== "");
      const known = families.get(help) ?? { head: `${help}\n${type}\n`, lines: [] };
      families.set(help, known);
      known.lines.push(...lines.map((each) => labelled(each, worker)));
    }
  }
  return [...families.values()]
    .map(({ head, lines }) => `${head}${lines.join("\n")}${lines.length > 0 ? "\n" : ""}`)
    .join("");
}

function labelled(sample: string, worker: string): string {
  const [, name = "", labels, value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(sample) ?? [];
  return `${name}{${labels === undefined ? "" : `${labels},`}worker="${escaped(worker)}"} ${value}`;
}

/** Found label by label, so that no call has to join them. */
interface Branch<T> {
  set: T | null;
  readonly branches: Map<string, Branch<T>>;
}

function labelSets<T>(make: () => T) {
  const root: Branch<T> = { set: null, branches: new Map() };
  const known: (readonly [readonly string[], T])[] = [];

  function find(labels: readonly string[]): T | null {
    let at = root;
    for (const label of labels) {
      const next = at.branches.get(label);
      if (next === undefined) return null;
      at = next;
    }
    return at.set;
  }

  function add(labels: readonly string[]): T {
    let at = root;
    for (const label of labels) {
      const next = at.branches.get(label) ?? { set: null, branches: new Map() };
      at.branches.set(label, next);
      at = next;
    }
    at.set = make();
    known.push([[...labels], at.set]);
    return at.set;
  }

  const of = (labels: readonly string[]): T => {
    const found = find(labels);
    if (found !== null) return found;
    const tooMany = known.length >= mostSets && labels.some((value) => value !== "other");
    return tooMany ? of(labels.map(() => "other")) : add(labels);
  };
  return { of, all: () => known.values() };
}

function family(name: string, help: string, type: string, lines: readonly string[]): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function line(name: string, names: readonly string[], labels: readonly string[], value: number): string {
  const pairs = names.map((label, at) => `${label}="${escaped(labels[at] ?? "")}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

function escaped(text: string): string {
  return text.replace(/["\\\n]/g, (one) => (one === "\n" ? "\\n" : `\\${one}`));
}
