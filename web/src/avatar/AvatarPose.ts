import { makeRigFrame } from "../wire/makeRigFrame";
import type { RigFrame } from "../wire/RigFrame";

/** The part of a rig that is shown, without when and whose it was. */
type RigValues = Pick<RigFrame, "hips" | "rotations" | "shapes" | "expressions" | "gazeDeg">;

/** A pose and a face, in the rig's space and orders (`wire/RigFrame.ts`), with the arithmetic of the render loop. */
export class AvatarPose implements RigValues {
  readonly hips: Float32Array;
  readonly rotations: Float32Array;
  readonly shapes: Float32Array;
  readonly expressions: Float32Array;
  readonly gazeDeg: Float32Array;

  /** At rest: the T-pose. */
  constructor() {
    ({
      hips: this.hips,
      rotations: this.rotations,
      shapes: this.shapes,
      expressions: this.expressions,
      gazeDeg: this.gazeDeg,
    } = makeRigFrame());
  }

  copy(other: RigValues): void {
    this.hips.set(other.hips);
    this.rotations.set(other.rotations);
    this.shapes.set(other.shapes);
    this.expressions.set(other.expressions);
    this.gazeDeg.set(other.gazeDeg);
  }

  /** Become what lies between two poses: `from` at 0, `to` at 1; beyond 1 the motion goes on. Either may be this one. */
  blend(from: RigValues, to: RigValues, amount: number): void {
    for (let first = 0; first < this.rotations.length; first += 4) this.turn(from, to, first, amount);
    this.mixPlace(from, to, amount);
    this.mixFace(from, to, amount);
  }

  /** Where the hips are, between two poses. */
  mixPlace(from: RigValues, to: RigValues, amount: number): void {
    mix(this.hips, from.hips, to.hips, amount);
  }

  /** The face and the gaze between two poses; never beyond either: shapes have an end. */
  mixFace(from: RigValues, to: RigValues, amount: number): void {
    const share = Math.min(amount, 1);
    mix(this.shapes, from.shapes, to.shapes, share);
    mix(this.expressions, from.expressions, to.expressions, share);
    mix(this.gazeDeg, from.gazeDeg, to.gazeDeg, share);
  }

  /** One bone's rotation, which begins at index `first`, between those of two poses. */
  turn(from: RigValues, to: RigValues, first: number, amount: number): void {
    slerp(this.rotations, from.rotations, to.rotations, first, amount);
  }
}

function mix(into: Float32Array, from: Float32Array, to: Float32Array, amount: number): void {
  for (let i = 0; i < into.length; i += 1) into[i] = from[i] + (to[i] - from[i]) * amount;
}

/** Above this cosine of the half angle the arc is a line to float32's precision, and its sine too small to divide by. */
const NEARLY_EQUAL = 0.9999995;

/** Along the shorter arc, by `amount` of it, which may be beyond 1; the result has unit length. */
function slerp(into: Float32Array, from: Float32Array, to: Float32Array, at: number, amount: number): void {
  const cosine =
    from[at] * to[at] + from[at + 1] * to[at + 1] + from[at + 2] * to[at + 2] + from[at + 3] * to[at + 3];
  const sign = cosine < 0 ? -1 : 1;
  let first = 1 - amount;
  let second = amount * sign;
  if (Math.abs(cosine) < NEARLY_EQUAL) {
    const angle = Math.acos(Math.abs(cosine));
    const sine = Math.sin(angle);
    first = Math.sin((1 - amount) * angle) / sine;
    second = (Math.sin(amount * angle) / sine) * sign;
  }
  const x = from[at] * first + to[at] * second;
  const y = from[at + 1] * first + to[at + 1] * second;
  const z = from[at + 2] * first + to[at + 2] * second;
  const w = from[at + 3] * first + to[at + 3] * second;
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  into[at] = x / length;
  into[at + 1] = y / length;
  into[at + 2] = z / length;
  into[at + 3] = w / length;
}
