import { type Hand, type TrackedFrame, topology } from "mocast-client";
import type { Joints } from "./Joints";
import type { OverlayCanvas } from "./OverlayCanvas";
import { Pen } from "./Pen";

/** A hand whose size is at least this share of the picture's shorter side is drawn with full line widths... */
const FULL_SIZE = 0.25;
/** ...and a smaller one with at least this share of them. */
const FINEST = 0.5;

/** Which hands are drawn, with thinner lines for a smaller hand; and which fingers of the pose they take the place of. */
export const drawnHands = {
  /** The joints of each hand that the tracker is sure of, with the pen to draw them. */
  placed(canvas: OverlayCanvas, frame: TrackedFrame): { pen: Pen; joints: Joints }[] {
    return [frame.leftHand, frame.rightHand].flatMap((hand) => {
      if (!isSure(hand, canvas)) return [];
      const joints = new Pen(canvas).place(hand.image);
      return [{ pen: new Pen(canvas, fineness(joints, canvas)), joints }];
    });
  },

  /** The pose's finger landmarks, three a side, of the hands that are drawn. */
  roughFingers(canvas: OverlayCanvas, frame: TrackedFrame): readonly number[] {
    const left = isSure(frame.leftHand, canvas) ? topology.LEFT_FINGERS : [];
    return isSure(frame.rightHand, canvas) ? [...left, ...topology.RIGHT_FINGERS] : left;
  },
};

function isSure(hand: Hand | null, { settings }: OverlayCanvas): hand is Hand {
  // The score is not in every format; where it is, the setting may have changed since.
  return hand?.isSure === true && !(hand.score < settings.confidence);
}

function fineness({ points, allDrawn }: Joints, { width, height }: OverlayCanvas): number {
  if (!allDrawn) return 1;
  let extent = 0;
  for (const axis of [0, 1]) {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = axis; i < points.length; i += 2) {
      least = Math.min(least, points[i]);
      most = Math.max(most, points[i]);
    }
    extent = Math.max(extent, most - least);
  }
  return Math.min(1, Math.max(FINEST, extent / Math.min(width, height) / FULL_SIZE));
}
