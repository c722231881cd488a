// Ids of calls: unique, of one form, and in the order in which calls come.
import { expect, test } from "vitest";
import { newCallId } from "../../src/gateway/call-id.ts";

test("ids begin with the time to the millisecond and never repeat", () => {
  const before = Date.now();
  const ids = Array.from({ length: 5_000 }, newCallId);
  const after = Date.now();
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^req_[0-9a-f]{30}$/);
    const atMs = Number.parseInt(id.slice(4, 16), 16);
    expect(atMs).toBeGreaterThanOrEqual(before);
    expect(atMs).toBeLessThanOrEqual(after);
  }
});
