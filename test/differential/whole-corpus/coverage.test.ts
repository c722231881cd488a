// No recording is left out without a reason: the list of those that are is true, and all others run.
import { describe, expect, it } from "vitest";
import { recordedProviders } from "../../support/recordings.ts";
import { leftOut } from "./left-out.ts";
import { everything, routeOf } from "./routes.ts";

const routes = everything.map((recording) => ({ provider: recording.provider, route: routeOf(recording) }));

function reasonsOf(provider: string): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const one of routes) {
    if (one.provider === provider && one.route.kind === "none")
      counted[one.route.reason] = (counted[one.route.reason] ?? 0) + 1;
  }
  return counted;
}

describe("the differential test of all recordings", () => {
  it.each(recordedProviders())("leaves out of %s what is listed, and nothing else", (provider) => {
    expect(reasonsOf(provider)).toEqual(leftOut[provider] ?? {});
  });

  it("runs the others: chats in each client dialect, the rest at their endpoints", () => {
    const count = (kind: string) => routes.filter(({ route }) => route.kind === kind).length;
    console.log(`${routes.length} recordings`, {
      chats: count("chat"),
      endpoints: count("endpoint"),
      leftOut: count("none"),
    });
    for (const provider of recordedProviders()) {
      const own = routes.filter((one) => one.provider === provider);
      const run = own.filter(({ route }) => route.kind !== "none").length;
      console.log(`${provider}: ${own.length}, run ${run}`, reasonsOf(provider));
    }
    expect(routes.length).toBeGreaterThanOrEqual(898);
    expect(count("none")).toBeLessThan(routes.length / 20);
  });
});
