import { Vector3 } from "three";

/** A limb is never longer than this share of its bones: fully straight it has no plane, and snaps. */
const STRETCH = 0.999;
const TINY = 1e-9;
/** A shorter vector has no direction. */
const TINY_M = 1e-6;

const along = new Vector3();
const bend = new Vector3();

/**
 * Two-bone inverse kinematics by the law of cosines: write where the middle joint of a limb is, which bends toward the point
 * `pole`, and move `end` to where the limb reaches.
 */
export function middleJoint(
  start: Vector3,
  end: Vector3,
  pole: Vector3,
  upper: number,
  lower: number,
  into: Vector3,
): void {
  along.subVectors(end, start);
  const distance = along.length();
  const shortest = Math.abs(upper - lower) / STRETCH;
  const reached = Math.max(Math.min(Math.max(distance, shortest), STRETCH * (upper + lower)), TINY);
  if (distance > TINY) along.multiplyScalar(1 / distance);
  else along.set(0, 0, 1);
  setAcross(bend.subVectors(pole, start));
  const part = (upper * upper - lower * lower + reached * reached) / (2 * reached);
  const height = Math.sqrt(Math.max(upper * upper - part * part, 0));
  into.copy(start).addScaledVector(along, part).addScaledVector(bend, height);
  end.copy(start).addScaledVector(along, reached);
}

/** Make `bend` the unit vector across `along` that is nearest to it; any across where the two are parallel. */
function setAcross(vector: Vector3): void {
  if (isAcross(vector)) return;
  if (isAcross(vector.set(0, -1, 0))) return;
  isAcross(vector.set(0, 0, -1));
}

function isAcross(vector: Vector3): boolean {
  vector.addScaledVector(along, -vector.dot(along));
  const size = vector.length();
  if (size <= TINY_M) return false;
  vector.multiplyScalar(1 / size);
  return true;
}
