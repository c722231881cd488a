// Metrics of several processes as one text.
import { expect, test } from "vitest";
import { createMetrics, joinMetrics } from "../../src/observe/metrics.ts";

function textOf(count: number): string {
  const metrics = createMetrics();
  metrics.counter("calls_total", "Calls.", ["model"]).add(['with "quotes" and }'], count);
  metrics.gauge("memory_bytes", "Memory.", [], () => [{ labels: [], value: count }]);
  return metrics.text();
}

test("every sample says whose it is, and each metric is described once", () => {
  expect(
    joinMetrics(
      new Map([
        ["1", textOf(3)],
        ["keeper", textOf(4)],
      ]),
    ),
  ).toBe(
    [
      "# HELP calls_total Calls.",
      "# TYPE calls_total counter",
      'calls_total{model="with \\"quotes\\" and }",worker="1"} 3',
      'calls_total{model="with \\"quotes\\" and }",worker="keeper"} 4',
      "# HELP memory_bytes Memory.",
      "# TYPE memory_bytes gauge",
      'memory_bytes{worker="1"} 3',
      'memory_bytes{worker="keeper"} 4',
      "",
    ].join("\n"),
  );
});
