import { type HandTargets, makeRigFrame, type RigFrame } from "mocast-client";

/** The part of a rig that is shown. */
type RigValues = Pick<
  RigFrame,
  "hips" | "rotations" | "shapes" | "expressions" | "gazeDeg" | "handTargets"
> & { readonly planted: Record<"left" | "right", number | boolean> };

/** A pose and a face, in the rig's space and orders (`RigFrame`), with the arithmetic of the render loop. */
export class AvatarPose implements RigValues {
  readonly hips: Float32Array;
  readonly rotations: Float32Array;
  readonly shapes: Float32Array;
  readonly expressions: Float32Array;
  readonly gazeDeg: Float32Array;
  readonly handTargets: HandTargets;
  /** How far each foot stands: 0..1. */
  readonly planted = { left: 0, right: 0 };

  /** At rest: the T-pose. */
  constructor() {
    ({
      hips: this.hips,
      rotations: this.rotations,
      shapes: this.shapes,
      expressions: this.expressions,
      gazeDeg: this.gazeDeg,
      handTargets: this.handTargets,
    } = makeRigFrame());
  }

  copy(other: RigValues): void {
    this.hips.set(other.hips);
    this.rotations.set(other.rotations);
    this.shapes.set(other.shapes);
    this.expressions.set(other.expressions);
    this.gazeDeg.set(other.gazeDeg);
    this.handTargets.offsets.set(other.handTargets.offsets);
    this.handTargets.nearness.set(other.handTargets.nearness);
    this.handTargets.touching.set(other.handTargets.touching);
    this.planted.left = Number(other.planted.left);
    this.planted.right = Number(other.planted.right);
  }

  /** Set to the interpolation of two poses: `from` at 0, `to` at 1; beyond 1 it extrapolates. Either may be this one. */
  blend(from: RigValues, to: RigValues, amount: number): void {
    for (let first = 0; first < this.rotations.length; first += 4) this.slerpBone(from, to, first, amount);
    this.lerpHips(from, to, amount);
    this.lerpFace(from, to, amount);
    this.lerpTargets(from, to, amount);
  }

  /** Set to the difference of two poses, for `add`. */
  subtract(other: RigValues, base: RigValues): void {
    for (let first = 0; first < this.rotations.length; first += 4) {
      const sign = cosine(other.rotations, base.rotations, first) < 0 ? -1 : 1;
      for (let at = first; at < first + 4; at += 1)
        this.rotations[at] = sign * other.rotations[at] - base.rotations[at];
    }
    difference(this.hips, other.hips, base.hips);
    difference(this.shapes, other.shapes, base.shapes);
    difference(this.expressions, other.expressions, base.expressions);
    difference(this.gazeDeg, other.gazeDeg, base.gazeDeg);
  }

  /** Set to `base` plus a share of a difference that `subtract` gave. `base` may be this one. */
  add(base: RigValues, more: RigValues, share: number): void {
    for (let first = 0; first < this.rotations.length; first += 4) {
      for (let at = first; at < first + 4; at += 1)
        this.rotations[at] = base.rotations[at] + more.rotations[at] * share;
      normalise(this.rotations, first);
    }
    sum(this.hips, base.hips, more.hips, share);
    sum(this.shapes, base.shapes, more.shapes, share);
    sum(this.expressions, base.expressions, more.expressions, share);
    sum(this.gazeDeg, base.gazeDeg, more.gazeDeg, share);
    this.lerpTargets(base, base, 1);
  }

  /** Interpolate the hips' position. */
  lerpHips(from: RigValues, to: RigValues, amount: number): void {
    lerp(this.hips, from.hips, to.hips, amount);
  }

  /** Interpolate the face and the gaze; never beyond either pose: shapes end at 1. */
  lerpFace(from: RigValues, to: RigValues, amount: number): void {
    const share = Math.min(amount, 1);
    lerp(this.shapes, from.shapes, to.shapes, share);
    lerp(this.expressions, from.expressions, to.expressions, share);
    lerp(this.gazeDeg, from.gazeDeg, to.gazeDeg, share);
  }

  /** Interpolate where hands are and how far feet stand; never beyond either pose. */
  lerpTargets(from: RigValues, to: RigValues, amount: number): void {
    const share = Math.min(amount, 1);
    lerp(this.handTargets.offsets, from.handTargets.offsets, to.handTargets.offsets, share);
    lerp(this.handTargets.nearness, from.handTargets.nearness, to.handTargets.nearness, share);
    lerp(this.handTargets.touching, from.handTargets.touching, to.handTargets.touching, share);
    this.planted.left = mixed(from.planted.left, to.planted.left, share);
    this.planted.right = mixed(from.planted.right, to.planted.right, share);
  }

  /** Interpolate the rotation of the bone whose quaternion begins at index `first`. */
  slerpBone(from: RigValues, to: RigValues, first: number, amount: number): void {
    slerp(this.rotations, from.rotations, to.rotations, first, amount);
  }
}

function mixed(from: number | boolean, to: number | boolean, share: number): number {
  return Number(from) + (Number(to) - Number(from)) * share;
}

function lerp(into: Float32Array, from: Float32Array, to: Float32Array, amount: number): void {
  for (let i = 0; i < into.length; i += 1) into[i] = from[i] + (to[i] - from[i]) * amount;
}

function difference(into: Float32Array, other: Float32Array, base: Float32Array): void {
  for (let i = 0; i < into.length; i += 1) into[i] = other[i] - base[i];
}

function sum(into: Float32Array, base: Float32Array, more: Float32Array, share: number): void {
  for (let i = 0; i < into.length; i += 1) into[i] = base[i] + more[i] * share;
}

/** Above this cosine of half the angle the arc is a line to float32's precision, and its sine too small to divide by. */
const NEARLY_EQUAL = 0.9999995;

/** Along the shorter arc, by `amount` of it, which may be beyond 1; the result has unit length. */
function slerp(into: Float32Array, from: Float32Array, to: Float32Array, at: number, amount: number): void {
  const alike = cosine(from, to, at);
  const sign = alike < 0 ? -1 : 1;
  let first = 1 - amount;
  let second = amount * sign;
  if (Math.abs(alike) < NEARLY_EQUAL) {
    const angle = Math.acos(Math.abs(alike));
    const sine = Math.sin(angle);
    first = Math.sin((1 - amount) * angle) / sine;
    second = (Math.sin(amount * angle) / sine) * sign;
  }
  for (let i = at; i < at + 4; i += 1) into[i] = from[i] * first + to[i] * second;
  normalise(into, at);
}

/** Of half the angle between two rotations; negative where they are written with opposite signs. */
function cosine(one: Float32Array, other: Float32Array, at: number): number {
  return (
    one[at] * other[at] +
    one[at + 1] * other[at + 1] +
    one[at + 2] * other[at + 2] +
    one[at + 3] * other[at + 3]
  );
}

function normalise(rotations: Float32Array, at: number): void {
  const x = rotations[at];
  const y = rotations[at + 1];
  const z = rotations[at + 2];
  const w = rotations[at + 3];
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  rotations[at] = x / length;
  rotations[at + 1] = y / length;
  rotations[at + 2] = z / length;
  rotations[at + 3] = w / length;
}
