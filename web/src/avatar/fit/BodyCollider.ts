import { Quaternion, Vector3 } from "three";
import type { Joint } from "./Joint";
import type { Proportions } from "./Proportions";
import { REST_SIZES } from "./restSizes";

const TINY = 1e-9;

interface Ellipsoid {
  readonly middle: Vector3;
  readonly rotation: Quaternion;
  readonly inverse: Quaternion;
  readonly size: Vector3;
}

interface Capsule {
  readonly start: Vector3;
  readonly end: Vector3;
  readonly radius: number;
}

/** Head and trunk of an avatar in one pose, as ellipsoids and capsules, out of which arms are pushed. */
export class BodyCollider {
  private readonly ellipsoids: Ellipsoid[];
  private readonly capsules: Capsule[];
  private readonly off = new Vector3();
  private readonly moved = new Vector3();
  private readonly point = new Vector3();
  private readonly axis = new Vector3();
  private readonly size = new Vector3();

  /** `scale`: of its hands, in comparison with the skeleton at rest. */
  constructor(
    private readonly body: Proportions,
    private readonly scale: number,
  ) {
    this.ellipsoids = body.sizes.map((size) => ({
      middle: new Vector3(),
      rotation: new Quaternion(),
      inverse: new Quaternion(),
      size,
    }));
    this.capsules = body.capsules.map(({ radius }) => ({ start: new Vector3(), end: new Vector3(), radius }));
  }

  /**
   * Where a point of head, chest or hips (0..2) is whose offset is in sizes: as far as the surface in this body's, and beyond
   * it as far as suits its hand. A finger that is a centimetre before a face is about as far before one twice as deep.
   */
  place(anchor: number, offset: Vector3, into: Vector3): Vector3 {
    const { middle, rotation, size } = this.ellipsoids[anchor];
    const { surface, back, rest } = SURFACES[anchor];
    const on = into.set(offset.x / surface[0], offset.y / surface[1], (offset.z - back) / surface[2]);
    const radius = Math.max(on.length(), TINY);
    const beyond = (radius - 1) * this.scale;
    on.set(surface[0] * on.x, surface[1] * on.y, surface[2] * on.z).multiplyScalar(1 / radius);
    on.set(
      on.x * (size.x + beyond * rest[0]),
      on.y * (size.y + beyond * rest[1]),
      (back + on.z) * size.z + on.z * beyond * rest[2],
    );
    return on.applyQuaternion(rotation).add(middle);
  }

  /** Take in a pose: the six joints of the trunk, from the hips to the head. */
  pose(trunk: readonly Joint[]): void {
    const { body } = this;
    for (let i = 0; i < ANCHOR_JOINTS.length; i += 1) {
      const { position, rotation } = trunk[ANCHOR_JOINTS[i]];
      const solid = this.ellipsoids[i];
      solid.middle.copy(body.middles[i]).applyQuaternion(rotation).add(position);
      solid.rotation.copy(rotation);
      solid.inverse.copy(rotation).conjugate();
    }
    for (let i = 0; i < this.capsules.length; i += 1) {
      const shape = body.capsules[i];
      const { position, rotation } = trunk[shape.at];
      this.capsules[i].start.copy(shape.start).applyQuaternion(rotation).add(position);
      this.capsules[i].end.copy(shape.end).applyQuaternion(rotation).add(position);
    }
  }

  /** Write by how much points that move together are to be moved so that each is so far outside; the length of it. */
  push(points: readonly Vector3[], margins: readonly number[], into: Vector3): number {
    const { moved } = this;
    moved.set(0, 0, 0);
    for (let solid = 0; solid < this.ellipsoids.length; solid += 1) {
      for (let i = 0; i < points.length; i += 1)
        this.fromEllipsoid(this.ellipsoids[solid], points[i], margins[i]);
    }
    for (let solid = 0; solid < this.capsules.length; solid += 1) {
      for (let i = 0; i < points.length; i += 1)
        this.fromCapsule(this.capsules[solid], points[i], margins[i]);
    }
    return into.copy(moved).length();
  }

  /** Along the surface's normal: away from the middle it would go upward before a chest, which is taller than deep. */
  private fromEllipsoid(solid: Ellipsoid, from: Vector3, margin: number): void {
    const { off, moved, size } = this;
    size.copy(solid.size).addScalar(margin);
    off.copy(from).add(moved).sub(solid.middle).applyQuaternion(solid.inverse).divide(size);
    const square = off.lengthSq();
    if (square >= 1) return;
    if (square < TINY) {
      moved.add(off.set(0, 0, size.z).applyQuaternion(solid.rotation));
      return;
    }
    const normal = this.axis.copy(off).divide(size);
    const along = this.point.copy(normal).divide(size);
    // Where the line along the normal leaves the unit ball into which the sizes make the ellipsoid.
    const steep = along.lengthSq();
    const slope = off.dot(along);
    const distance = (Math.sqrt(slope * slope + steep * (1 - square)) - slope) / steep;
    moved.addScaledVector(normal.applyQuaternion(solid.rotation), distance);
  }

  /** The shortest way. */
  private fromCapsule({ start, end, radius }: Capsule, from: Vector3, margin: number): void {
    const { off, moved, point, axis } = this;
    point.copy(from).add(moved);
    axis.subVectors(end, start);
    const part = off.subVectors(point, start).dot(axis) / Math.max(axis.lengthSq(), TINY);
    off.copy(start).lerp(end, Math.min(Math.max(part, 0), 1));
    off.subVectors(point, off);
    const distance = off.length();
    const least = radius + margin;
    if (distance >= least) return;
    if (distance > TINY) moved.addScaledVector(off, least / distance - 1);
    else moved.z += least;
  }
}

/** Of head, chest and hips: indices of the trunk's joints. */
const ANCHOR_JOINTS = [5, 3, 0];
/** The ellipsoids of their surfaces, in sizes, how far back they are, and the sizes of the skeleton at rest. */
const SURFACES = [
  { surface: [1.14, 1.12, 1.33], back: -0.15, rest: REST_SIZES[0] },
  { surface: [1, 1, 1], back: 0, rest: REST_SIZES[1] },
  { surface: [1, 1, 1], back: 0, rest: REST_SIZES[2] },
];
