import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { createAlerts } from "../../src/observe/alerts.ts";
import { createDiskLook } from "../../src/observe/disk.node.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

test("a disk with little room left is told of once, and closed when there is enough again", async () => {
  const store = await openSqlite(":memory:");
  const alerts = createAlerts({
    sink: store.alerts,
    now: Date.now,
    newId: () => `alert_${Math.random()}`,
    onError: () => {},
  });
  const states = async () => {
    await alerts.flush();
    return (await store.alerts.list({ limit: 10 })).data.map(({ count, resolvedAtMs }) => [
      count,
      resolvedAtMs === null,
    ]);
  };
  // No disk has so much.
  const lookInWant = createDiskLook(tmpdir(), alerts, Number.MAX_SAFE_INTEGER);
  await lookInWant();
  await lookInWant();
  expect(await states()).toEqual([[1, true]]);
  await createDiskLook(tmpdir(), alerts, 1)();
  expect(await states()).toEqual([[1, false]]);
  await createDiskLook("/no/such/folder", alerts)();
  expect(await states()).toHaveLength(1);
  await store.close();
});
