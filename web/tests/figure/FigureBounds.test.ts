import { expect, test } from "vitest";
import { FigureBounds } from "../../src/figure/FigureBounds";
import { FigurePoints } from "../../src/figure/FigurePoints";

/** A figure that is only a face, all of it at one point. */
function faceAt(x: number): FigurePoints {
  const points = new FigurePoints();
  for (const part of [points.pose, points.leftHand, points.rightHand]) part.fill(Number.NaN);
  points.face.forEach((_, at) => {
    points.face[at] = at % 3 === 0 ? x : 0;
  });
  return points;
}

test("the first figure is in view at once, a move is followed gently", () => {
  const fit = new FigureBounds();
  fit.follow(faceAt(1), null, 0, 1000);
  expect(fit.x).toBe(1);
  fit.follow(faceAt(1.1), null, 0, 1100);
  expect(fit.x).toBeGreaterThan(1.01);
  expect(fit.x).toBeLessThan(1.05);
  for (let now = 1200; now < 4000; now += 100) fit.follow(faceAt(1.1), null, 0, now);
  expect(fit.x).toBeCloseTo(1.1, 3);
});

test("a figure that jumped out of view is fetched back at once", () => {
  const fit = new FigureBounds();
  fit.follow(faceAt(1), null, 0, 1000);
  fit.follow(faceAt(3), null, 0, 1030);
  expect(fit.x).toBe(3);
});

test("nobody in the picture: the view stays", () => {
  const fit = new FigureBounds();
  fit.follow(faceAt(1), null, 0, 1000);
  fit.follow(faceAt(Number.NaN), null, 0, 2000);
  expect(fit.x).toBe(1);
});

test("joints below the confidence do not count", () => {
  const fit = new FigureBounds();
  const points = faceAt(0);
  points.pose.fill(3);
  fit.follow(points, new Float32Array(33).fill(0.2), 0.5, 1000);
  expect(fit.x).toBe(0);
});
