import { Quaternion, Vector3 } from "three";
import type { Joint } from "./Joint";

const before = new Vector3();
const after = new Vector3();
const upperTurned = new Quaternion();
const lowerTurned = new Quaternion();
const local = new Quaternion();

/**
 * Write the rotations of a limb whose middle joint and end are moved there: its two bones swing the shortest way, and what
 * is at its end keeps its rotation. `bones`: of the three joints; `parent`: the rotation that the first one's is relative to.
 */
export function turnLimb(
  [start, middle, end]: readonly [Joint, Joint, Joint],
  middleAt: Vector3,
  endAt: Vector3,
  parent: Quaternion,
  bones: readonly number[],
  rotations: Float32Array,
): void {
  before.subVectors(middle.position, start.position).normalize();
  after.subVectors(middleAt, start.position).normalize();
  upperTurned.setFromUnitVectors(before, after).multiply(start.rotation);
  before.subVectors(end.position, middle.position).normalize();
  after.subVectors(endAt, middleAt).normalize();
  lowerTurned.setFromUnitVectors(before, after).multiply(middle.rotation);
  write(parent, upperTurned, bones[0], rotations);
  write(upperTurned, lowerTurned, bones[1], rotations);
  write(lowerTurned, end.rotation, bones[2], rotations);
}

function write(parent: Quaternion, rotation: Quaternion, bone: number, rotations: Float32Array): void {
  local
    .copy(parent)
    .conjugate()
    .multiply(rotation)
    .toArray(rotations, bone * 4);
}
