import { expect, test } from "vitest";
import { Series } from "../../src/state/Series";

test("keeps the last values in their order", () => {
  const series = new Series(3);
  expect(series.last).toBeNull();
  for (const value of [1, 2, 3, 4, 5]) series.add(value);
  expect([series.at(0), series.at(1), series.at(2)]).toEqual([3, 4, 5]);
  expect(series.length).toBe(3);
  expect(series.last).toBe(5);
});
