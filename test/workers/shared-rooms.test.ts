// Workers count the limits of a provider's credential together.
import { expect, test } from "vitest";
import { openRoomBook, type RoomUse, type SharedRooms, shareRooms } from "../../src/workers/shared-rooms.ts";

const now = 1_000_000;

/** Workers that tell each other over a keeper's book, at once. */
function startWorkers() {
  const book = openRoomBook();
  const workers = new Map<number, SharedRooms>();
  const tellOthers = (number: number, uses: readonly RoomUse[]): void => {
    for (const [other, rooms] of workers) if (other !== number) rooms.hear(JSON.parse(JSON.stringify(uses)));
  };
  return {
    hire(number: number, limits: Parameters<SharedRooms["open"]>[1], atMs = now) {
      const rooms = shareRooms((use) => {
        book.note(number, use);
        tellOthers(number, [use]);
      });
      const room = rooms.open("cred_1", limits);
      rooms.hear(book.present(number, atMs));
      workers.set(number, rooms);
      return room;
    },
    kill(number: number, atMs = now) {
      workers.delete(number);
      tellOthers(number, book.leave(number, atMs));
    },
  };
}

test("requests a minute are those of all workers, and of those that were there before", () => {
  const workers = startWorkers();
  const limits = { requestsPerMinute: 4 };
  const one = workers.hire(1, limits);
  const two = workers.hire(2, limits);
  for (const [at, room] of [one, two, one].entries()) room.begin(now + at);
  expect(two.freeAtMs(now + 5)).toBe(now + 5);
  two.begin(now + 5);
  for (const room of [one, two]) expect(room.freeAtMs(now + 5)).toBe(now + 60_000);
  workers.kill(1, now + 6);
  expect(workers.hire(1, limits, now + 10).freeAtMs(now + 10)).toBe(now + 60_000);
  expect(two.freeAtMs(now + 60_001)).toBe(now + 60_001);
});

test("calls under way are those of all workers: an end at one makes room at the other, and a dead one holds none", () => {
  const workers = startWorkers();
  const limits = { concurrency: 2 };
  const one = workers.hire(1, limits);
  const two = workers.hire(2, limits);
  one.begin(now);
  one.begin(now);
  expect(two.freeAtMs(now)).toBeGreaterThan(now);
  one.end(0, now + 1);
  expect(two.freeAtMs(now + 1)).toBe(now + 1);
  two.begin(now + 1);
  expect(one.freeAtMs(now + 1)).toBeGreaterThan(now + 1);
  workers.kill(1, now + 2);
  expect(two.freeAtMs(now + 2)).toBe(now + 2);
});

test("a worker that begins late knows of calls that run for longer than any window", () => {
  const workers = startWorkers();
  const limits = { concurrency: 1 };
  const one = workers.hire(1, limits);
  one.begin(now);
  const late = workers.hire(2, limits, now + 200_000);
  expect(late.freeAtMs(now + 200_000)).toBeGreaterThan(now + 200_000);
  one.end(10, now + 200_001);
  expect(late.freeAtMs(now + 200_001)).toBe(now + 200_001);
});

test("tokens a minute are added up when calls end", () => {
  const workers = startWorkers();
  const limits = { tokensPerMinute: 100 };
  const one = workers.hire(1, limits);
  const two = workers.hire(2, limits);
  one.begin(now);
  one.end(100, now);
  expect(two.freeAtMs(now)).toBeGreaterThan(now);
});
