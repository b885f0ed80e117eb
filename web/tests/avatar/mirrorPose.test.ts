import { expect, test } from "vitest";
import { AvatarPose } from "../../src/avatar/AvatarPose";
import { mirrorPose } from "../../src/avatar/mirrorPose";
import { rigs } from "./rigs";

const mirrored = (change: (pose: AvatarPose) => void) => {
  const [pose, into] = [new AvatarPose(), new AvatarPose()];
  change(pose);
  mirrorPose(pose, into);
  return into;
};
const bone = (pose: AvatarPose, name: string) =>
  Array.from(pose.rotations.subarray(rigs.bone(name) * 4, rigs.bone(name) * 4 + 4));

test("the left arm's rotation is the right's, seen in a mirror", () => {
  const into = mirrored((pose) => pose.rotations.set([0.5, 0.5, -0.5, 0.5], rigs.bone("leftUpperArm") * 4));
  expect(bone(into, "rightUpperArm")).toEqual([0.5, -0.5, 0.5, 0.5]);
  expect(bone(into, "leftUpperArm").map(Math.abs)).toEqual([0, 0, 0, 1]);
});

test("a head that turns to its left turns to its right", () => {
  const into = mirrored((pose) => pose.rotations.set(rigs.turned(0, 20).rotations));
  expect(rigs.yawDeg(into)).toBeCloseTo(-20, 4);
});

test("shapes and expressions change sides, the jaw's too", () => {
  const into = mirrored((pose) => {
    pose.shapes[rigs.shape("eyeBlinkLeft")] = 1;
    pose.shapes[rigs.shape("jawRight")] = 0.5;
    pose.shapes[rigs.shape("jawOpen")] = 0.25;
    pose.expressions[10] = 0.75;
  });
  expect(into.shapes[rigs.shape("eyeBlinkRight")]).toBe(1);
  expect(into.shapes[rigs.shape("eyeBlinkLeft")]).toBe(0);
  expect(into.shapes[rigs.shape("jawLeft")]).toBe(0.5);
  expect(into.shapes[rigs.shape("jawOpen")]).toBe(0.25);
  expect(Array.from(into.expressions.subarray(10))).toEqual([0, 0.75]);
});

test("the hips go to the other side, the eyes look there", () => {
  const into = mirrored((pose) => {
    pose.hips.set([0.25, 1, 0.5]);
    pose.gazeDeg.set([10, 5]);
  });
  expect(Array.from(into.hips)).toEqual([-0.25, 1, 0.5]);
  expect(Array.from(into.gazeDeg)).toEqual([-10, 5]);
});

test("what is mirrored twice is as it was", () => {
  const pose = new AvatarPose();
  pose.rotations.set(rigs.turned(0, 33).rotations);
  pose.shapes.forEach((_, i) => {
    pose.shapes[i] = i / 64;
  });
  const [once, twice] = [new AvatarPose(), new AvatarPose()];
  mirrorPose(pose, once);
  mirrorPose(once, twice);
  expect(twice.shapes).toEqual(pose.shapes);
  expect(Array.from(twice.rotations, Math.fround)).toEqual(Array.from(pose.rotations, (value) => value + 0));
});
