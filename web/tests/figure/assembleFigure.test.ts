import { type TrackedFrame, topology } from "mocast-client";
import { expect, test } from "vitest";
import { golden } from "../../packages/client/tests/wire/golden";
import { assembleFigure } from "../../src/figure/assembleFigure";
import { FigurePoints } from "../../src/figure/FigurePoints";

const whole = golden.frame("landmarks-holistic");
const point = (points: Float32Array, index: number) => Array.from(points.subarray(index * 3, index * 3 + 3));

function place(frame: TrackedFrame) {
  const points = new FigurePoints();
  assembleFigure(frame, points);
  return points;
}

test("hands hang at the wrists", () => {
  const { pose, leftHand, rightHand } = place(whole);
  expect(point(leftHand, 0)).toEqual(point(pose, topology.LEFT_WRIST));
  expect(point(rightHand, 0)).toEqual(point(pose, topology.RIGHT_WRIST));
});

test("up is up, and near is near the viewer", () => {
  const { pose } = place({ ...whole, mirrored: false });
  const [x, y, z] = point(whole.pose!.world, topology.NOSE);
  expect(point(pose, topology.NOSE)).toEqual([x, -y, -z]);
});

test("a mirrored picture gets a mirrored figure", () => {
  const [x, y, z] = point(place({ ...whole, mirrored: false }).leftHand, 5);
  const mirrored = point(place({ ...whole, mirrored: true }).leftHand, 5);
  expect(mirrored[0]).toBeCloseTo(-x, 6);
  expect(mirrored.slice(1)).toEqual([y, z]);
});

test("the face has a face's size, whatever its size in the picture", () => {
  const { face } = place(whole);
  const [left, right] = [topology.FACE_LEFT_EYE_OUTER, topology.FACE_RIGHT_EYE_OUTER].map((at) =>
    point(face, at),
  );
  expect(Math.hypot(...left.map((value, axis) => value - right[axis]))).toBeCloseTo(0.09, 5);
});

test("what was not found is not there", () => {
  const points = place({ ...whole, pose: null, face: null, leftHand: null });
  expect(points.pose.every(Number.isNaN)).toBe(true);
  expect(points.face.every(Number.isNaN)).toBe(true);
  expect(points.leftHand.every(Number.isNaN)).toBe(true);
  expect(points.rightHand.some(Number.isNaN)).toBe(false);
});
