import { beforeEach, expect, it } from "vitest";
import { DrawingComparison } from "../../src/state/DrawingComparison";
import { stubStorage } from "../stubStorage";

let stored: Map<string, string>;
beforeEach(() => {
  stored = stubStorage();
});

/** Pass seconds, in each of which a picture was drawn 40 ms and one came 65 ms after the camera's; returns when it changed. */
function pass(comparison: DrawingComparison, seconds: number): number[] {
  return Array.from({ length: seconds }, (_, second) => {
    comparison.addDrawn(40);
    comparison.addReturned(65);
    return comparison.tick(comparison.isRunning ? 1900 : 0) ? second : -1;
  }).filter((second) => second >= 0);
}

it("asks for the server's picture for five seconds, once on a device", () => {
  const comparison = new DrawingComparison();
  expect(pass(comparison, 20)).toEqual([4, 9]);
  expect(comparison.saving.value).toEqual({ ms: 25, kbps: 1900 });
  expect(JSON.parse(stored.get("mocast.saved-by-drawing")!)).toEqual({ ms: 25, kbps: 1900 });
  const next = new DrawingComparison();
  expect(next.saving.value).toEqual({ ms: 25, kbps: 1900 });
  expect(pass(next, 20)).toEqual([]);
});

it("begins anew after an interruption", () => {
  const comparison = new DrawingComparison();
  pass(comparison, 7);
  comparison.reset();
  expect(comparison.isRunning).toBe(false);
  expect(pass(comparison, 12)).toEqual([4, 9]);
});
