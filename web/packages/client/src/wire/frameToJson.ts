import type { Hand, TrackedFrame } from "./TrackedFrame";

/** The frame as a plain object in the layout of the JSON wire format (docs/wire-format.md); what was lost is null. */
export function frameToJson(frame: TrackedFrame): Record<string, unknown> {
  const { pose, face, leftHand, rightHand } = frame;
  return {
    version: 1,
    frame: frame.frame,
    pts: frame.pts,
    person: frame.person,
    width: frame.width,
    height: frame.height,
    mirrored: frame.mirrored,
    tracking_ms: frame.trackingMs,
    delay_ms: frame.delayMs,
    pose: pose && {
      image: triples(pose.image, 5),
      world: triples(pose.world, 4),
      visibility: Array.from(pose.visibility, (value) => rounded(value, 3)),
    },
    face: face && { image: triples(face.image, 5) },
    left_hand: leftHand && describeHand(leftHand),
    right_hand: rightHand && describeHand(rightHand),
  };
}

function describeHand(hand: Hand): Record<string, unknown> {
  return {
    image: triples(hand.image, 5),
    world: triples(hand.world, 4),
    ...(Number.isNaN(hand.score) ? {} : { score: hand.score }),
  };
}

function triples(flat: Float32Array, decimals: number): ((number | null)[] | null)[] {
  const landmarks = [];
  for (let at = 0; at < flat.length; at += 3) {
    const landmark = [flat[at], flat[at + 1], flat[at + 2]];
    landmarks.push(landmark.some(Number.isNaN) ? null : landmark.map((value) => rounded(value, decimals)));
  }
  return landmarks;
}

function rounded(value: number, decimals: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toFixed(decimals));
}
