import { rigNames } from "../model/generated";
import type { RigFrame } from "./RigFrame";

/** A rig in the T-pose with nothing found or near, for the parsers to fill. */
export function makeRigFrame(): RigFrame {
  const rotations = new Float32Array(rigNames.bones.length * 4);
  for (let w = 3; w < rotations.length; w += 4) rotations[w] = 1;
  return {
    frame: 0,
    pts: 0,
    person: 0,
    delayMs: 0,
    found: { body: false, face: false, leftHand: false, rightHand: false, halfBody: false },
    hips: Float32Array.of(0, 0.9, 0),
    rotations,
    shapes: new Float32Array(rigNames.shapes.length),
    expressions: new Float32Array(rigNames.expressions.length),
    gazeDeg: new Float32Array(2),
    hasHead: false,
    head: { position: new Float32Array(3), rotation: Float32Array.of(0, 0, 0, 1) },
    planted: { left: false, right: false },
    handTargets: {
      offsets: new Float32Array(24),
      nearness: new Float32Array(8),
      touching: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0),
    },
  };
}
