import { type HandTargets, rigNames } from "mocast-client";
import type { AvatarPose } from "./AvatarPose";

const OTHER: Record<string, string> = { left: "right", right: "left", Left: "Right", Right: "Left" };
const BONES = rigNames.bones.map((name, bone) => otherSide(rigNames.bones, name, bone));
const SHAPES = rigNames.shapes.map((name, shape) => otherSide(rigNames.shapes, name, shape));
const EXPRESSIONS = rigNames.expressions.map((name, at) => otherSide(rigNames.expressions, name, at));

/** Write the pose as a mirror shows it: docs/wire-format.md has the rule. The avatar's own looks stay as they are. */
export function mirrorPose(pose: AvatarPose, into: AvatarPose): void {
  const { rotations } = pose;
  for (let bone = 0; bone < BONES.length; bone += 1) {
    const from = BONES[bone] * 4;
    into.rotations[bone * 4] = rotations[from];
    into.rotations[bone * 4 + 1] = -rotations[from + 1];
    into.rotations[bone * 4 + 2] = -rotations[from + 2];
    into.rotations[bone * 4 + 3] = rotations[from + 3];
  }
  for (let shape = 0; shape < SHAPES.length; shape += 1) into.shapes[shape] = pose.shapes[SHAPES[shape]];
  for (let at = 0; at < EXPRESSIONS.length; at += 1) into.expressions[at] = pose.expressions[EXPRESSIONS[at]];
  mirrorTargets(pose.handTargets, into.handTargets);
  into.planted.left = pose.planted.right;
  into.planted.right = pose.planted.left;
  into.hips[0] = -pose.hips[0];
  into.hips[1] = pose.hips[1];
  into.hips[2] = pose.hips[2];
  into.gazeDeg[0] = -pose.gazeDeg[0];
  into.gazeDeg[1] = pose.gazeDeg[1];
}

function mirrorTargets(targets: HandTargets, into: HandTargets): void {
  swapHalves(targets.nearness, into.nearness);
  swapHalves(targets.touching, into.touching);
  swapHalves(targets.offsets, into.offsets);
  for (let x = 0; x < into.offsets.length; x += 3) into.offsets[x] = -into.offsets[x];
}

/** Left and right are one after the other. */
function swapHalves(from: Float32Array, into: Float32Array): void {
  const half = from.length / 2;
  for (let i = 0; i < half; i += 1) {
    into[i] = from[half + i];
    into[half + i] = from[i];
  }
}

/** The index of the same thing of the other side; its own for what has no side. */
function otherSide(names: readonly string[], name: string, own: number): number {
  const other = name.replace(/left|right/i, (side) => OTHER[side]);
  return other === name ? own : names.indexOf(other);
}
