import { rigNames } from "mocast-client";
import { Quaternion, Vector3 } from "three";
import { beforeEach, expect, test } from "vitest";
import { AvatarPose } from "../../../src/avatar/AvatarPose";
import { FootPlanter } from "../../../src/avatar/fit/FootPlanter";
import { Joint } from "../../../src/avatar/fit/Joint";
import type { Proportions } from "../../../src/avatar/fit/Proportions";

const bone = (name: string) => (rigNames.bones as readonly string[]).indexOf(name);
const LEGS = ["leftUpperLeg", "leftLowerLeg", "leftFoot"].map(bone);

/** Longer thighs and shorter shanks than the skeleton at rest: its feet slide where those of the rig stand. */
function otherLegs(): Proportions {
  const offsets = rigNames.bones.map(() => new Vector3());
  offsets[0].set(0, 0.9, 0);
  for (const [side, x] of [
    ["left", 0.09],
    ["right", -0.09],
  ] as const) {
    offsets[bone(`${side}UpperLeg`)].set(x, -0.04, 0);
    offsets[bone(`${side}LowerLeg`)].set(0, -0.45, 0);
    offsets[bone(`${side}Foot`)].set(0, -0.32, 0);
  }
  return { offsets, middles: [], sizes: [], handLength: 0.09, capsules: [] };
}

const body = otherLegs();

function ankle(pose: AvatarPose): Vector3 {
  const joint = new Joint();
  joint.position.set(pose.hips[0], pose.hips[1], pose.hips[2]);
  joint.rotation.fromArray(pose.rotations, 0);
  for (const each of LEGS) joint.follow(joint, each, pose.rotations, body);
  return joint.position.clone();
}

/** Hips down by a knee bend of so many degrees. */
function crouched(degrees: number): AvatarPose {
  const pose = new AvatarPose();
  const turn = (name: string, angle: number) =>
    new Quaternion()
      .setFromAxisAngle(new Vector3(1, 0, 0), (angle * Math.PI) / 180)
      .toArray(pose.rotations, bone(name) * 4);
  for (const side of ["left", "right"]) {
    turn(`${side}UpperLeg`, -degrees);
    turn(`${side}LowerLeg`, 2 * degrees);
    turn(`${side}Foot`, -degrees);
  }
  pose.hips[1] = 0.9 - 0.77 * (1 - Math.cos((degrees * Math.PI) / 180));
  return pose;
}

let feet: FootPlanter;
beforeEach(() => {
  feet = new FootPlanter(body);
});

test("a foot that stands stays where it is, whatever the knees do", () => {
  const slid = ankle(crouched(40)).distanceTo(ankle(crouched(0)));
  expect(slid).toBeGreaterThan(0.02);
  let stood: Vector3 | null = null;
  for (let degrees = 0; degrees <= 40; degrees += 2) {
    const pose = crouched(degrees);
    pose.planted.left = pose.planted.right = 1;
    feet.fit(pose, 1 / 60);
    stood ??= ankle(pose);
    expect(ankle(pose).distanceTo(stood)).toBeLessThan(0.002);
  }
});

test("feet that do not stand are left alone", () => {
  const pose = crouched(30);
  feet.fit(pose, 1 / 60);
  expect(pose.rotations).toEqual(crouched(30).rotations);
});

test("a foot that is let go comes back without a jump", () => {
  for (const degrees of [0, 20, 40]) {
    const pose = crouched(degrees);
    pose.planted.left = 1;
    feet.fit(pose, 1 / 60);
  }
  let off = Number.POSITIVE_INFINITY;
  for (let frame = 0; frame < 40; frame += 1) {
    const pose = crouched(40);
    feet.fit(pose, 1 / 60);
    const now = ankle(pose).distanceTo(ankle(crouched(40)));
    expect(now).toBeLessThanOrEqual(off + 1e-6);
    if (frame === 0) expect(now).toBeGreaterThan(0.01);
    off = now;
  }
  expect(off).toBeLessThan(0.001);
});

test("a body that goes on without its foot takes it along", () => {
  const first = crouched(0);
  first.planted.left = 1;
  feet.fit(first, 1 / 60);
  const gone = crouched(0);
  gone.planted.left = 1;
  gone.hips[0] = 0.5;
  feet.fit(gone, 1 / 60);
  expect(ankle(gone).distanceTo(ankle(Object.assign(crouched(0))))).toBeGreaterThan(0.45);
});
