import { rigNames } from "mocast-client";
import { expect, test } from "vitest";
import { AvatarPose } from "../../src/avatar/AvatarPose";
import { HeldPose } from "../../src/avatar/HeldPose";
import type { KeptPose } from "../../src/avatar/KeptPose";

const at = (name: string) => rigNames.bones.indexOf(name) * 4;

/** Every bone is turned about X by as many degrees. */
function kept(name: string, degrees: number, part: KeptPose["part"]): KeptPose {
  const half = (degrees * Math.PI) / 360;
  return { name, part, rotations: rigNames.bones.flatMap(() => [Math.sin(half), 0, 0, Math.cos(half)]) };
}

/** A bone's turn about X, degrees, in each of the frames that follow. */
function turns(held: HeldPose, bone: string, frames: number): number[] {
  return Array.from({ length: frames }, () => {
    const pose = new AvatarPose();
    held.apply(pose, 1 / 60);
    return (2 * Math.asin(pose.rotations[at(bone)]) * 180) / Math.PI;
  });
}

test("a pose fades in over the tracked one, never by more than a few degrees a frame, and out again", () => {
  const held = new HeldPose();
  held.hold(kept("a", 90, "arms"));
  const shown = turns(held, "leftUpperArm", 30);
  held.hold(null);
  shown.push(...turns(held, "leftUpperArm", 30));
  expect(Math.max(...shown)).toBeCloseTo(90, 3);
  expect(shown.at(-1)).toBe(0);
  shown.forEach((turn, i) => {
    expect(Math.abs(turn - (shown[i - 1] ?? 0))).toBeLessThan(7);
  });
});

test("from one pose to another it goes without a jump", () => {
  const held = new HeldPose();
  held.hold(kept("a", 90, "arms"));
  const shown = turns(held, "leftHand", 30);
  held.hold(kept("b", -60, "arms"));
  shown.push(...turns(held, "leftHand", 30));
  expect(shown.at(-1)).toBeCloseTo(-60, 3);
  shown.slice(30).forEach((turn, i) => {
    expect(Math.abs(turn - shown[29 + i])).toBeLessThan(13);
  });
});

test("head and face stay the person's, and with arms alone the legs, too", () => {
  for (const [part, bone, degrees] of [
    ["arms", "head", 0],
    ["arms", "leftUpperLeg", 0],
    ["arms", "hips", 0],
    ["body", "head", 0],
    ["body", "neck", 0],
    ["body", "leftUpperLeg", 40],
  ] as const) {
    const held = new HeldPose();
    held.hold(kept("a", 40, part));
    expect(turns(held, bone, 40).at(-1)).toBeCloseTo(degrees, 3);
  }
});

test("where the person's hands touch is no matter while a pose is held", () => {
  const held = new HeldPose();
  held.hold(kept("a", 40, "arms"));
  const pose = new AvatarPose();
  pose.handTargets.nearness.fill(1);
  pose.planted.left = 1;
  held.apply(pose, 1);
  expect([...pose.handTargets.nearness]).toEqual(Array(8).fill(0));
  expect(pose.planted.left).toBe(1);
});
