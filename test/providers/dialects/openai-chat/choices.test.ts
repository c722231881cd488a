import { expect, test } from "vitest";
import { Choices } from "../../../../providers/dialects/openai-chat/client/choices.ts";

test("a stream in which nothing has begun is not finished", () => {
  expect(new Choices().finished).toBe(false);
});

test("one choice is finished when it is, whatever its number", () => {
  for (const index of [0, 3]) {
    const choices = new Choices();
    choices.begin(index);
    expect([choices.anyFinished, choices.finished]).toEqual([false, false]);
    choices.finish(index);
    choices.begin(index);
    expect([choices.anyFinished, choices.finished]).toEqual([true, true]);
  }
});

test("of several choices the last one to finish finishes all", () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    const choices = new Choices();
    for (const index of [0, 1, 2]) choices.begin(index);
    const seen = order.map((index) => {
      choices.finish(index);
      return [choices.anyFinished, choices.finished];
    });
    expect(seen).toEqual([
      [true, false],
      [true, false],
      [true, true],
    ]);
  }
});
