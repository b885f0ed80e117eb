import { type Hand, landmarkOf } from "mocast-client";

/**
 * How far the tips of thumb and index finger are apart, over the palm's length (wrist to the middle finger's knuckle): in
 * metres, so that it is the same from every side. Some 0.15 where they touch, and 0.8 in an open hand; NaN where a landmark
 * is missing.
 */
export function pinchRatio(hand: Hand): number {
  const apart = distance(hand, "thumb_tip", "index_tip");
  const palm = distance(hand, "wrist", "middle_mcp");
  return palm > 0 ? apart / palm : Number.NaN;
}

function distance(hand: Hand, from: Parameters<typeof landmarkOf<Hand>>[1], to: typeof from): number {
  const { world: a } = landmarkOf(hand, from);
  const { world: b } = landmarkOf(hand, to);
  return Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}
