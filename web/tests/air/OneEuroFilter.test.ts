import { expect, test } from "vitest";
import { OneEuroFilter } from "../../src/air/OneEuroFilter";
import { normalNumbers } from "./randomNumbers";

const PARAMS = { minCutoffHz: 2, beta: 12 };

/** The filtered x of a motion at so many frames a second. */
function filtered(x: (atS: number) => number, seconds: number, fps = 30): number[] {
  const filter = new OneEuroFilter(PARAMS);
  return Array.from(
    { length: Math.round(seconds * fps) },
    (_, at) => filter.update(x(at / fps), 0, at / fps).x,
  );
}

test("a hand at rest stands calmer than its landmarks", () => {
  const normal = normalNumbers(3);
  const shown = filtered(() => 0.5 + 0.005 * normal(), 20).slice(30);
  const spread = Math.sqrt(shown.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / shown.length);
  expect(spread).toBeLessThan(0.0035);
});

test("a fast hand is followed within a frame", () => {
  const shown = filtered((atS) => 2 * atS, 1);
  const lagS = (2 * (29 / 30) - shown.at(-1)!) / 2;
  expect(lagS).toBeLessThan(1 / 30);
});

test("it follows alike at 15 and at 60 frames a second", () => {
  const x = (atS: number) => Math.sin(3 * atS);
  expect(filtered(x, 2, 15).at(-1)! - x(29 / 15)).toBeCloseTo(filtered(x, 2, 60).at(-1)! - x(119 / 60), 1);
});

test.each([2, -0.5])("after %s s it begins anew where the hand is", (stepS) => {
  const filter = new OneEuroFilter(PARAMS);
  filter.update(0, 0, 10);
  expect(filter.update(1, 1, 10 + stepS)).toEqual({ x: 1, y: 1 });
});
