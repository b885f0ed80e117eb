import { type TrackedFrame, topology } from "mocast-client";

export interface Joint {
  /** `pose`, `left hand`, `right hand` or `face`. */
  readonly part: string;
  readonly name: string;
  readonly index: number;
  /** Image space, not mirrored. */
  readonly image: readonly [number, number, number];
  /** Metres; `null` for the face, which has none. */
  readonly world: readonly [number, number, number] | null;
  /** Of the pose's joints; `null` elsewhere. */
  readonly visibility: number | null;
}

/** The face's 478 points are close together: the body's and the hands' joints are preferred by this much. */
const FACE_HANDICAP = 1.6;

/**
 * The joint next to a point of the picture, within `reach`.
 *
 * `x` and `y` are in image space; `reach` is a distance in heights of the picture.
 */
export function nearestJoint(frame: TrackedFrame, x: number, y: number, reach: number): Joint | null {
  const aspect = frame.width / frame.height;
  let best: Joint | null = null;
  let bestDistance = reach;
  const search = (
    part: string,
    names: readonly string[] | null,
    image: Float32Array,
    world: Float32Array | null,
    visibility: Float32Array | null,
    handicap: number,
  ) => {
    for (let index = 0; index * 3 < image.length; index += 1) {
      const distance = Math.hypot((image[index * 3] - x) * aspect, image[index * 3 + 1] - y) * handicap;
      // False for what did not arrive, which is NaN.
      if (!(distance < bestDistance)) continue;
      bestDistance = distance;
      best = {
        part,
        name: (names?.[index] ?? `point ${index}`).replaceAll("_", " "),
        index,
        image: triple(image, index),
        world: world && triple(world, index),
        visibility: visibility?.[index] ?? null,
      };
    }
  };
  const { pose, face, leftHand, rightHand } = frame;
  if (pose) search("pose", topology.poseNames, pose.image, pose.world, pose.visibility, 1);
  if (leftHand) search("left hand", topology.handNames, leftHand.image, leftHand.world, null, 1);
  if (rightHand) search("right hand", topology.handNames, rightHand.image, rightHand.world, null, 1);
  if (face) search("face", null, face.image, null, null, FACE_HANDICAP);
  return best;
}

function triple(flat: Float32Array, index: number): [number, number, number] {
  return [flat[index * 3], flat[index * 3 + 1], flat[index * 3 + 2]];
}
