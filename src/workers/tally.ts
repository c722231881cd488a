// The tally of metrics: what processes have told of themselves, and what those have counted that are gone, so that no counter ever
// goes down.
import { joinMetrics } from "../observe/metrics.ts";

export interface Tally {
  /** A process tells its metrics, in Prometheus' text format. */
  tell(process: string, text: string): void;
  /** It is gone: what it counted stays under its name, and is added to what the next of that name counts. */
  leave(process: string): void;
  /** Of all of them, each sample with its process as `worker`. */
  text(): string;
}

interface Family {
  /** Its two lines of description. */
  readonly head: string;
  /** Whether it only ever grows: a counter or a histogram. */
  readonly grows: boolean;
  /** Values by the sample's name and labels. */
  readonly samples: Map<string, number>;
}

/** By their first lines. */
type Families = Map<string, Family>;

export function keepTally(): Tally {
  const latest = new Map<string, string>();
  const past = new Map<string, Families>();

  /** All that ever went by this name: gauges as they are, the rest added up. */
  const together = (process: string): Families => {
    const families = readFamilies(latest.get(process) ?? "");
    for (const [name, { head, grows, samples: before }] of past.get(process) ?? []) {
      const { samples } = families.get(name) ?? { samples: new Map<string, number>() };
      for (const [sample, value] of before) samples.set(sample, value + (samples.get(sample) ?? 0));
      families.set(name, { head, grows, samples });
    }
    return families;
  };

  return {
    tell: (process, text) => void latest.set(process, text),
    leave(process) {
      const counted = [...together(process)].filter(([, { grows }]) => grows);
      latest.delete(process);
      past.set(process, new Map(counted));
    },
    text() {
      const names = [...new Set([...past.keys(), ...latest.keys()])].toSorted();
      return joinMetrics(new Map(names.map((name) => [name, writeFamilies(together(name))])));
    },
  };
}

function readFamilies(text: string): Families {
  const families: Families = new Map();
  for (const one of text.split(/^(?=# HELP )/m)) {
    const [help = "", type = "", ...lines] = one.split("\n").filter((line) => line !== "");
    if (help === "") continue;
    const samples = lines.map((line) => {
      const cut = line.lastIndexOf(" ");
      return [line.slice(0, cut), Number(line.slice(cut + 1))] as const;
    });
    families.set(help, { head: `${help}\n${type}\n`, grows: !type.endsWith(" gauge"), samples: new Map(samples) });
  }
  return families;
}

function writeFamilies(families: Families): string {
  return [...families.values()]
    .map(({ head, samples }) => head + [...samples].map(([sample, value]) => `${sample} ${value}\n`).join(""))
    .join("");
}
