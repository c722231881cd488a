import { describe, expect, test } from "vitest";
import { createMetrics } from "../../src/observe/metrics.ts";

describe("metrics", () => {
  test("are told in Prometheus' text format", () => {
    const metrics = createMetrics();
    const calls = metrics.counter("calls_total", "Calls.", ["provider", "status"]);
    calls.add(["openai", "200"]);
    calls.add(["openai", "200"], 2);
    calls.add(['a"b\\c\nd', "500"]);
    const seconds = metrics.histogram("seconds", "How long.", ["provider"], [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(["openai"], value);
    metrics.gauge("queue", "What waits.", [], () => [{ labels: [], value: 3 }]);
    expect(metrics.text()).toBe(
      [
        "# HELP calls_total Calls.",
        "# TYPE calls_total counter",
        'calls_total{provider="openai",status="200"} 3',
        'calls_total{provider="a\\"b\\\\c\\nd",status="500"} 1',
        "# HELP seconds How long.",
        "# TYPE seconds histogram",
        'seconds_bucket{provider="openai",le="0.1"} 2',
        'seconds_bucket{provider="openai",le="1"} 3',
        'seconds_bucket{provider="openai",le="+Inf"} 4',
        'seconds_sum{provider="openai"} 7.65',
        'seconds_count{provider="openai"} 4',
        "# HELP queue What waits.",
        "# TYPE queue gauge",
        "queue 3",
        "",
      ].join("\n"),
    );
  });

  test("keep a thousand sets of labels, and count what comes beyond as others", () => {
    const metrics = createMetrics();
    const calls = metrics.counter("calls_total", "Calls.", ["provider", "status"]);
    for (let nth = 0; nth < 5_000; nth++) calls.add([`provider-${nth}`, "200"]);
    const lines = metrics.text().split("\n");
    expect(lines.filter((line) => line.startsWith("calls_total"))).toHaveLength(1_001);
    expect(lines).toContain('calls_total{provider="other",status="other"} 4000');
  });
});
