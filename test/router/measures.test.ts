// Measures: what is kept of deployments, however many names callers make up.
import { expect, it } from "vitest";
import { breakerDefaults } from "../../src/router/breaker.ts";
import type { Deployment } from "../../src/router/deployment.ts";
import { Measures } from "../../src/router/measures.ts";

function deploymentOf(model: string): Deployment {
  const connection = { id: "openai", provider: { id: "openai" } } as Deployment["connection"];
  return { connection, model, facts: null, traits: {} as Deployment["traits"] };
}

it("keeps what is in use, and forgets names that callers have made up", () => {
  const measures = new Measures(breakerDefaults, () => 0.5);
  const used = deploymentOf("used");
  const statistics = measures.ofDeployment(used);
  const model = measures.ofModel("used", null);
  const underway = statistics.begin(2_000, 1_000);
  statistics.succeeded(underway, { ttftMs: 300, durationMs: 900, outputTokens: 50 }, 3_000);
  model.answered(50, statistics);
  for (let nth = 0; nth < 45_000; nth++) {
    const invented = deploymentOf(`invented-${nth}`);
    measures.ofDeployment(invented).begin(1_000, 1_000);
    measures.ofModel(invented.model, null);
  }
  expect(measures.ofDeployment(used)).toBe(statistics);
  expect(measures.ofModel("used", null)).toBe(model);
  expect(statistics.timing.ttftMs).toBeCloseTo(300, -2);
  expect(measures.deployments().size).toBeLessThanOrEqual(20_000);
  expect(Object.keys(measures.snapshot(3_000).timings)).toEqual(["openai/used"]);
});
