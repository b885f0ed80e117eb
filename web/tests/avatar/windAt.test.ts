import { Vector3 } from "three";
import { expect, test } from "vitest";
import { windAt } from "../../src/avatar/windAt";

const at = (timeS: number, x = 0, seed = 1) => windAt(timeS, x, seed, new Vector3());

test("a seed's wind is the same at the same moment, and another one's is another", () => {
  expect(at(12.3, 0.1)).toEqual(at(12.3, 0.1));
  expect(at(12.3, 0.1).distanceTo(at(12.3, 0.1, 2))).toBeGreaterThan(0.01);
});

test("it blows level, to the right, between 0.2 and 1, and changes gently", () => {
  const winds = Array.from({ length: 12_000 }, (_, frame) => at(frame / 60));
  const lengths = winds.map((wind) => wind.length());
  const steps = winds.slice(1).map((wind, frame) => wind.distanceTo(winds[frame]));
  expect(winds.every(({ x, y }) => x > 0 && y === 0)).toBe(true);
  expect(Math.min(...lengths)).toBeGreaterThan(0.19);
  expect(Math.max(...lengths)).toBeLessThan(1.01);
  expect(Math.max(...steps)).toBeLessThan(0.04);
});

test("gusts reach the left before the right", () => {
  expect(at(5, 0.2).length()).toBeCloseTo(at(5 - 0.18, 0).length(), 9);
});
