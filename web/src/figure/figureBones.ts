import { topology } from "mocast-client";
import type { Bone } from "./BoneMesh";
import { palette } from "./palette";

const LIMB_M = 0.018;
const FINGER_M = 0.006;

/** The sticks that the figure is made of. */
export const figureBones = {
  body: [
    ...bones(topology.poseBones.torso, palette.torso, LIMB_M),
    ...bones(topology.poseBones.leftArm, palette.leftArm, LIMB_M),
    ...bones(topology.poseBones.rightArm, palette.rightArm, LIMB_M),
    ...bones(topology.poseBones.leftLeg, palette.leftLeg, LIMB_M),
    ...bones(topology.poseBones.rightLeg, palette.rightLeg, LIMB_M),
  ],
  neck: bones([0, 1], palette.torso, LIMB_M),
  head: bones(topology.poseBones.head, palette.head, 0.008),
  leftPalm: bones(topology.poseBones.leftPalm, palette.leftArm, 0.009),
  rightPalm: bones(topology.poseBones.rightPalm, palette.rightArm, 0.009),
  hand: Object.entries(topology.handBones).flatMap(([finger, pairs]) =>
    bones(pairs, palette[finger as keyof typeof topology.handBones], FINGER_M),
  ),
};

function bones(pairs: readonly number[], colour: number, radiusM: number): Bone[] {
  const made: Bone[] = [];
  for (let at = 0; at < pairs.length; at += 2)
    made.push({ from: pairs[at], to: pairs[at + 1], colour, radiusM });
  return made;
}
