/** A hand in front of a camera whose motion is known: what tracking would find of it, with its noise. */
import { type Hand, topology } from "mocast-client";

/** What the camera sees at the hand's distance: 80 cm across, 60 cm down. */
export const VIEW_CM = { x: 80, y: 60 };
/** From the wrist to the middle finger's knuckle. */
const PALM_CM = 9.5;
/** Of thumb and index finger, over the palm's length, as `pinchRatio` has it. */
const OPEN = 0.8;
const CLOSED = 0.15;
/** The index finger does most of a pinch: so the middle between the tips moves, too. */
const THUMB_SHARE = 0.35;

const at = (name: (typeof topology.handNames)[number]) => topology.handNames.indexOf(name);
const WRIST = at("wrist");
const KNUCKLE = at("middle_mcp");
const THUMB = at("thumb_tip");
const INDEX = at("index_tip");

export interface Noise {
  /** Of each landmark in the picture, as a share of its width: the standard deviation. */
  readonly image: number;
  /** Of each landmark in metres. */
  readonly worldM: number;
}

/** `random`: from the normal distribution. `closed`: 0, the fingers are apart, to 1, they touch. */
export function simulatedHand(
  middle: { readonly x: number; readonly y: number },
  closed: number,
  noise: Noise,
  random: () => number,
): Hand {
  const apart = (OPEN + (CLOSED - OPEN) * closed) * PALM_CM;
  // While open, the middle of the tips is `middle`.
  const thumb = (-OPEN / 2) * PALM_CM + THUMB_SHARE * (OPEN * PALM_CM - apart);
  const cm: [number, number, number][] = Array.from({ length: topology.HAND_COUNT }, () => [0, 10, 0]);
  cm[WRIST] = [0, 14, 0];
  cm[KNUCKLE] = [0, 14 - PALM_CM, 0];
  cm[THUMB] = [thumb, 0, 0];
  cm[INDEX] = [thumb + apart, 0, 0];
  const image = cm.flatMap(([x, y]) => [
    middle.x + x / VIEW_CM.x + random() * noise.image,
    middle.y + y / VIEW_CM.y + (random() * noise.image * VIEW_CM.x) / VIEW_CM.y,
    0,
  ]);
  const world = cm.flat().map((value) => value / 100 + random() * noise.worldM);
  return {
    image: Float32Array.from(image),
    world: Float32Array.from(world),
    score: 0.95,
    isSure: true,
  };
}
