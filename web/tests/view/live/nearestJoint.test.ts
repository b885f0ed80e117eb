import { expect, test } from "vitest";
import { golden } from "../../../packages/client/tests/wire/golden";
import { nearestJoint } from "../../../src/view/live/nearestJoint";

const frame = golden.frame("landmarks-pose");
frame.pose!.image.fill(5);
frame.pose!.image.set([0.5, 0.5, 0], 0);
frame.pose!.image.set([0.6, 0.5, -0.1], 15 * 3);

test("gives the joint next to the point, with its values", () => {
  expect(nearestJoint(frame, 0.58, 0.5, 0.1)).toMatchObject({ part: "pose", name: "left wrist", index: 15 });
  expect(nearestJoint(frame, 0.51, 0.5, 0.1)?.name).toBe("nose");
});

test("nothing is near", () => {
  expect(nearestJoint(frame, 0.5, 0.8, 0.1)).toBeNull();
});

test("distances are the picture's, not the axes'", () => {
  // 0.1 of a width of 640 is 64 pixels; 0.1 of a height of 480 is 48.
  expect(nearestJoint(frame, 0.4, 0.5, 0.12)).toBeNull();
  expect(nearestJoint(frame, 0.5, 0.6, 0.12)?.name).toBe("nose");
});

test("a joint that did not arrive is never the nearest", () => {
  const broken = {
    ...frame,
    pose: { ...frame.pose!, image: frame.pose!.image.slice().fill(Number.NaN, 0, 3) },
  };
  expect(nearestJoint(broken, 0.5, 0.5, 0.1)).toBeNull();
});
