import { Vector3 } from "three";
import { boneIndex } from "./boneIndex";
import { REST_SIZES } from "./restSizes";

/** An avatar's vertices in its rest pose. */
export interface Skin {
  /** By the bone that each moves with; the order is `rigNames.bones`. */
  readonly points: Vector3[][];
  /** Those of the head whose mesh has blend shapes; all of the head, where none has. */
  readonly face: Vector3[];
}

/** Fewer vertices say nothing of a body's size: it is then taken from the bones alone. */
const MIN_POINTS = 24;
/** Where the mouth is on average, from the chin to the eyes; the face is measured a fifth of that height up and down... */
const LOWER_FACE = 0.4;
/** ...and its depth there as far from the middle as this share of its half width. */
const LIPS = 0.3;
/** The trunk's sides, front and back are where this share of it ends, without what is worn on it. */
const TRUNK_QUANTILE = 0.9;

/** Of the skeleton at rest (docs/wire-format.md): heights of shoulders, legs and head, and the shoulders' half distance. */
const REST_SHOULDERS_Y = 1.34;
const REST_LEGS_Y = 0.86;
const REST_SHOULDERS_X = 0.16;
const REST_EYES_OVER_HEAD = 0.078;
const REST_CHEST_Y = 1.19;
const REST_HIPS_Y = 0.92;

const [HEAD, LEFT_EYE, RIGHT_EYE, UPPER_CHEST, ARM, LEG] = [
  "head",
  "leftEye",
  "rightEye",
  "upperChest",
  "leftUpperArm",
  "leftUpperLeg",
].map(boneIndex);
const TRUNK = [
  { anchor: 1, restY: REST_CHEST_Y, bones: ["spine", "chest", "upperChest"].map(boneIndex) },
  { anchor: 2, restY: REST_HIPS_Y, bones: ["hips", "spine"].map(boneIndex) },
];

/** The middles and half sizes of head, chest and hips, as `vrm_proportions.py` measures them on the server. */
export function measureAnchors(
  skin: Skin,
  joints: readonly Vector3[],
): { middles: Vector3[]; sizes: Vector3[] } {
  const trunk = (joints[ARM].y - joints[LEG].y) / (REST_SHOULDERS_Y - REST_LEGS_Y);
  const shoulders = joints[ARM].x / REST_SHOULDERS_X;
  const head = measureHead(skin.face, joints, shoulders);
  const middles = [head.middle];
  const sizes = [head.size];
  for (const { anchor, restY, bones } of TRUNK) {
    const [width, height, depth] = REST_SIZES[anchor];
    const middle = new Vector3(0, joints[LEG].y + trunk * (restY - REST_LEGS_Y), joints[UPPER_CHEST].z);
    const size = new Vector3(width * shoulders, height * trunk, depth * shoulders);
    const band = bones.flatMap((each) =>
      skin.points[each].filter(({ y }) => Math.abs(y - middle.y) < 0.6 * size.y),
    );
    if (band.length >= MIN_POINTS) {
      const depths = band.map(({ z }) => z);
      const back = quantile(depths, 1 - TRUNK_QUANTILE);
      const front = quantile(depths, TRUNK_QUANTILE);
      middle.z = 0.5 * (back + front);
      size.z = 0.5 * (front - back);
      size.x = quantile(
        band.map(({ x }) => Math.abs(x)),
        TRUNK_QUANTILE,
      );
    }
    middles.push(middle);
    sizes.push(size);
  }
  return { middles, sizes };
}

/** The head's middle, at the height of the eyes above its joint, and its size: to sides, chin and lips. */
function measureHead(
  face: readonly Vector3[],
  joints: readonly Vector3[],
  shoulders: number,
): { middle: Vector3; size: Vector3 } {
  const head = joints[HEAD];
  let eyesY = 0.5 * (joints[LEFT_EYE].y + joints[RIGHT_EYE].y);
  const size = new Vector3(...REST_SIZES[0]).multiplyScalar(shoulders);
  if (eyesY <= head.y + 1e-3) {
    const { low, high } = range(face.map(({ y }) => y));
    eyesY = face.length >= MIN_POINTS ? 0.5 * (low + high) : head.y + shoulders * REST_EYES_OVER_HEAD;
  }
  const middle = new Vector3(0, eyesY, head.z);
  const front = face.filter(({ z }) => z > head.z);
  const half = head.z + 0.5 * (range(front.map(({ z }) => z)).high - head.z);
  const forward = front.filter(({ z }) => z > half);
  if (forward.length < MIN_POINTS) return { middle, size };
  const chinY = range(forward.map(({ y }) => y)).low;
  const height = eyesY - chinY;
  const lower = front.filter(({ y }) => Math.abs(y - chinY - LOWER_FACE * height) < 0.2 * height);
  if (height <= 1e-3 || lower.length < MIN_POINTS) return { middle, size };
  const width = range(lower.map(({ x }) => Math.abs(x))).high;
  const lips = lower.filter(({ x }) => Math.abs(x) < LIPS * width).map(({ z }) => z);
  size.set(width, height, Math.max(range(lips).high, head.z + 1e-3) - head.z);
  return { middle, size };
}

function range(values: readonly number[]): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

/** Linear between the two nearest values, as numpy's. */
function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  const at = share * (values.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, values.length - 1);
  return values[below] + (values[above] - values[below]) * (at - below);
}
