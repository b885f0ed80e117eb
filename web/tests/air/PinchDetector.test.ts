import { expect, test } from "vitest";
import { PinchDetector } from "../../src/air/PinchDetector";

/** How often these ratios click, one in each 30th of a second. */
function clicks(ratios: readonly number[]): number {
  const pinch = new PinchDetector();
  return ratios.filter((ratio, at) => pinch.update(ratio, at / 30)).length;
}

test("a pinch clicks once, however its landmarks tremble", () => {
  const trembling = Array.from({ length: 20 }, (_, at) => (at % 2 ? 0.26 : 0.38));
  expect(clicks([0.8, 0.6, 0.4, ...trembling, 0.5, 0.8])).toBe(1);
});

test("fingers that come near and do not touch click nothing", () => {
  expect(clicks([0.8, 0.5, 0.35, 0.31, 0.35, 0.6, 0.8])).toBe(0);
});

test("two pinches are two clicks, a fingers' flutter between two frames is one", () => {
  const apart = [0.8, 0.8, 0.8, 0.8];
  expect(clicks([...apart, 0.1, ...apart, 0.1, ...apart])).toBe(2);
  expect(clicks([...apart, 0.1, 0.8, 0.1, 0.1])).toBe(1);
});

test("a ratio that is not known changes nothing, and a hand that is gone lets go", () => {
  const pinch = new PinchDetector();
  expect(pinch.update(0.1, 0)).toBe(true);
  expect(pinch.update(Number.NaN, 0.1)).toBe(false);
  expect(pinch.isClosed).toBe(true);
  pinch.reset();
  expect(pinch.isClosed).toBe(false);
});
