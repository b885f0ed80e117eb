/** Rigs for the tests of what plays them. */

import { makeRigFrame, type RigFrame, rigNames } from "mocast-client";

export const rigs = {
  /** A rig of this moment, its head turned by so many degrees about Y; everything is found. */
  turned(timeMs: number, yawDeg: number): RigFrame {
    const rig = makeRigFrame();
    rig.pts = Math.round(timeMs * 90) >>> 0;
    Object.assign(rig.found, { body: true, face: true, leftHand: true, rightHand: true });
    const half = (yawDeg * Math.PI) / 360;
    rig.rotations.set([0, Math.sin(half), 0, Math.cos(half)], rigs.bone("head") * 4);
    return rig;
  },

  bone: (name: string) => rigNames.bones.indexOf(name),
  shape: (name: string) => rigNames.shapes.indexOf(name),

  /** The yaw of a bone, in degrees. */
  yawDeg(pose: Pick<RigFrame, "rotations"> | null, name = "head"): number {
    const at = rigs.bone(name) * 4;
    return (2 * Math.atan2(pose!.rotations[at + 1], pose!.rotations[at + 3]) * 180) / Math.PI;
  },
};
