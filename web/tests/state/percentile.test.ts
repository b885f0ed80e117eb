import { expect, test } from "vitest";
import { percentile } from "../../src/state/percentile";

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  [0, 1],
  [0.5, 50],
  [0.95, 95],
  [1, 100],
])("%f of a hundred values lie within %f", (part, value) => {
  expect(percentile(hundred, part)).toBe(value);
});

test("what was not measured counts for nothing, and of nothing there is none", () => {
  expect(percentile([Number.NaN, 3], 0.5)).toBe(3);
  expect(percentile([], 0.5)).toBeNull();
});
