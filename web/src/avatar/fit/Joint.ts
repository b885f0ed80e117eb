import { Quaternion, Vector3 } from "three";
import type { Proportions } from "./Proportions";

/** A joint in the rig's space: where it is, and the rotation of the bone that begins there. */
export class Joint {
  readonly position = new Vector3();
  readonly rotation = new Quaternion();

  /** Be a bone's joint, whose parent's is `parent` (or this one as it was), with the local rotations of a pose. */
  follow(parent: Joint, bone: number, rotations: Float32Array, body: Proportions): this {
    const { position, rotation } = this;
    position.copy(step.copy(body.offsets[bone]).applyQuaternion(parent.rotation).add(parent.position));
    rotation.multiplyQuaternions(parent.rotation, own.fromArray(rotations, bone * 4));
    return this;
  }

  /** Write the point at an offset in the bone's axes. */
  along(offset: Vector3, into: Vector3): Vector3 {
    return into.copy(offset).applyQuaternion(this.rotation).add(this.position);
  }
}

const step = new Vector3();
const own = new Quaternion();
