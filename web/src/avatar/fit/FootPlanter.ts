import { Vector3 } from "three";
import { boneIndex } from "./boneIndex";
import { Joint } from "./Joint";
import { middleJoint } from "./middleJoint";
import type { Proportions } from "./Proportions";
import { turnLimb } from "./turnLimb";

/** A foot that stands and would be this far from where it stood is let go: the body went on without it. */
const LONGEST_M = 0.15;
/** A foot that is off by less stays as it is. */
const STILL_M = 2e-4;
/** Time constant with which a foot that was let go comes back to where the rotations have it. */
const RETURN_S = 0.1;
/** The rig's hips at rest: docs/wire-format.md. */
const REST_HIPS_Y = 0.9;

const HIPS = boneIndex("hips");

/** What of a pose the legs need. */
interface LegPose {
  readonly hips: Float32Array;
  readonly rotations: Float32Array;
  readonly planted: { readonly left: number; readonly right: number };
}

class Leg {
  readonly hip = new Joint();
  readonly knee = new Joint();
  readonly ankle = new Joint();
  readonly joints = [this.hip, this.knee, this.ankle] as const;
  readonly bones: readonly number[];
  /** Where it stands. */
  readonly stands = new Vector3();
  /** By how much the ankle is moved. */
  readonly offset = new Vector3();
  isStanding = false;
  wasPlanted = false;

  constructor(readonly side: "left" | "right") {
    this.bones = ["UpperLeg", "LowerLeg", "Foot"].map((part) => boneIndex(side + part));
  }
}

/**
 * Keeps feet that stand where they stand. The rig's are, on legs of the rest skeleton's proportions; on legs of others they
 * would slide with every turn of the knees.
 */
export class FootPlanter {
  private readonly legs = [new Leg("left"), new Leg("right")];
  private readonly lengths: readonly [number, number][];
  private readonly root = new Joint();
  private readonly scale: number;
  private readonly place = new Vector3();
  private readonly kneeAt = new Vector3();

  constructor(private readonly body: Proportions) {
    this.scale = body.offsets[HIPS].y / REST_HIPS_Y;
    this.lengths = this.legs.map(({ bones }) => [
      body.offsets[bones[1]].length(),
      body.offsets[bones[2]].length(),
    ]);
  }

  /** Change the rotations of thighs, shanks and feet, `elapsedS` after the last pose. */
  fit(pose: LegPose, elapsedS: number): void {
    const { root, body, scale } = this;
    const rest = body.offsets[HIPS];
    root.position.set(rest.x + pose.hips[0] * scale, pose.hips[1] * scale, rest.z + pose.hips[2] * scale);
    root.rotation.fromArray(pose.rotations, HIPS * 4);
    for (let i = 0; i < this.legs.length; i += 1) {
      const leg = this.legs[i];
      leg.hip.follow(root, leg.bones[0], pose.rotations, body);
      leg.knee.follow(leg.hip, leg.bones[1], pose.rotations, body);
      leg.ankle.follow(leg.knee, leg.bones[2], pose.rotations, body);
      setOffset(leg, pose.planted[leg.side] > 0.5, elapsedS);
      if (leg.offset.length() > STILL_M) this.move(leg, pose.rotations, this.lengths[i]);
    }
  }

  private move(leg: Leg, rotations: Float32Array, [upper, lower]: readonly [number, number]): void {
    const { place, kneeAt } = this;
    place.copy(leg.ankle.position).add(leg.offset);
    middleJoint(leg.hip.position, place, leg.knee.position, upper, lower, kneeAt);
    turnLimb(leg.joints, kneeAt, place, this.root.rotation, leg.bones, rotations);
  }
}

/** A foot that begins to stand does so where it is shown; one that is let go comes back without a jump. */
function setOffset(leg: Leg, isPlanted: boolean, elapsedS: number): void {
  const { ankle, offset, stands } = leg;
  if (isPlanted && !leg.wasPlanted) {
    stands.copy(ankle.position).add(offset);
    leg.isStanding = true;
  }
  leg.wasPlanted = isPlanted;
  if (!isPlanted || stands.distanceTo(ankle.position) > LONGEST_M) leg.isStanding = false;
  if (leg.isStanding) offset.subVectors(stands, ankle.position);
  else offset.multiplyScalar(Math.exp(-elapsedS / RETURN_S));
}
