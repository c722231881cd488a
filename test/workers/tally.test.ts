// What processes have counted stays when they are gone.
import { expect, test } from "vitest";
import { createMetrics, type Metrics } from "../../src/observe/metrics.ts";
import { keepTally } from "../../src/workers/tally.ts";

interface Counting {
  readonly metrics: Metrics;
  call(model: string, seconds: number): void;
}

function startCounting(memory: number): Counting {
  const metrics = createMetrics();
  const calls = metrics.counter("calls_total", "Calls.", ["model"]);
  const duration = metrics.histogram("duration_seconds", "Time.", [], [1]);
  metrics.gauge("memory_bytes", "Memory.", [], () => [{ labels: [], value: memory }]);
  return {
    metrics,
    call(model, seconds) {
      calls.add([model]);
      duration.observe([], seconds);
    },
  };
}

const valueIn = (text: string, sample: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length),
  );

test("counters and histograms of a process that is gone are added to those of the next of its name; gauges are not", () => {
  const tally = keepTally();
  const first = startCounting(100);
  first.call("a", 0.5);
  first.call("b", 2);
  tally.tell("1", first.metrics.text());
  const next = startCounting(70);
  next.call("a", 3);
  tally.leave("1");
  expect(valueIn(tally.text(), 'calls_total{model="a",worker="1"}'), "nobody has its name yet").toBe(1);
  expect(tally.text()).not.toMatch(/^memory_bytes\{/m);
  tally.tell("1", next.metrics.text());
  const text = tally.text();
  expect(valueIn(text, 'calls_total{model="a",worker="1"}')).toBe(2);
  expect(valueIn(text, 'calls_total{model="b",worker="1"}')).toBe(1);
  expect(valueIn(text, 'duration_seconds_bucket{le="1",worker="1"}')).toBe(1);
  expect(valueIn(text, 'duration_seconds_count{worker="1"}')).toBe(3);
  expect(valueIn(text, 'memory_bytes{worker="1"}')).toBe(70);
  tally.leave("1");
  tally.leave("1");
  expect(valueIn(tally.text(), 'calls_total{model="a",worker="1"}'), "gone twice").toBe(2);
});

test("what was told last holds for a process that tells nothing more", () => {
  const tally = keepTally();
  const counting = startCounting(1);
  counting.call("a", 1);
  tally.tell("1", counting.metrics.text());
  counting.call("a", 1);
  tally.tell("1", counting.metrics.text());
  tally.tell("keeper", startCounting(2).metrics.text());
  expect(valueIn(tally.text(), 'calls_total{model="a",worker="1"}')).toBe(2);
  expect(tally.text().match(/^# TYPE calls_total counter$/gm)).toHaveLength(1);
});
