import { type Hand, landmarkOf } from "mocast-client";
import type { ActiveZone } from "./ActiveZone";
import { OneEuroFilter } from "./OneEuroFilter";
import { PinchDetector } from "./PinchDetector";
import { pinchRatio } from "./pinchRatio";
import { toSurface } from "./toSurface";

/** Where a hand points, and what it does there. */
export interface Pointer {
  /** On the surface, 0..1 from its top left. */
  readonly x: number;
  readonly y: number;
  readonly isPinched: boolean;
  /** Where the hand has clicked just now; `null`: it has not. */
  readonly click: { readonly x: number; readonly y: number } | null;
}

/** On the surface, whose keys are a tenth wide: less than a fiftieth of it trembles at rest, and a fast hand is 20 ms ahead. */
const FILTER = { minCutoffHz: 2, beta: 12 };
/** Fingers that are nearer than this (a pinch ratio) are on their way to a pinch. */
const CLOSING_BELOW = 0.55;
/** A pinch takes about so long to close; what came before is another movement. */
const CLOSING_S = 0.2;
/** A hand that is farther beyond the zone, as a share of it, does something else: its pinches press nothing. */
const BEYOND = 0.2;
/** A hand that is not found for so long is gone: motion blur loses it for a frame or two. */
const GONE_S = 0.25;

/**
 * One hand's cursor: the middle between the tips of thumb and index finger, smoothed. A pinch clicks where the cursor was
 * when the fingers began to close, as closing them moves it.
 */
export class AirCursor {
  private readonly filter = new OneEuroFilter(FILTER);
  private readonly pinch = new PinchDetector();
  private pointer: Pointer | null = null;
  /** Where the fingers were last apart. */
  private aim: { x: number; y: number; atS: number } | null = null;
  private seenAtS = Number.NEGATIVE_INFINITY;

  /** Take the hand of a frame, `null` where there is none, at the time `nowS`; `null` while there is no cursor. */
  update(hand: Hand | null, nowS: number, zone: ActiveZone): Pointer | null {
    const tips = hand && middleOfTips(hand);
    const at = tips && toSurface(tips.x, tips.y, zone);
    if (!hand || !at || !(isNear(at.x) && isNear(at.y))) return this.miss(nowS);
    this.seenAtS = nowS;
    const place = this.filter.update(within(at.x), within(at.y), nowS);
    const ratio = pinchRatio(hand);
    if (!(ratio < CLOSING_BELOW)) this.aim = { ...place, atS: nowS };
    const hasClicked = this.pinch.update(ratio, nowS);
    const { aim, pinch } = this;
    const click = hasClicked ? (aim && nowS - aim.atS <= CLOSING_S ? aim : place) : null;
    this.pointer = { ...place, isPinched: pinch.isClosed, click: click && { x: click.x, y: click.y } };
    return this.pointer;
  }

  private miss(nowS: number): Pointer | null {
    if (this.pointer && nowS - this.seenAtS <= GONE_S) this.pointer = { ...this.pointer, click: null };
    else if (this.pointer) this.reset();
    return this.pointer;
  }

  private reset(): void {
    this.pointer = null;
    this.aim = null;
    this.filter.reset();
    this.pinch.reset();
  }
}

function middleOfTips(hand: Hand): { x: number; y: number } {
  const thumb = landmarkOf(hand, "thumb_tip");
  const index = landmarkOf(hand, "index_tip");
  return { x: (thumb.x + index.x) / 2, y: (thumb.y + index.y) / 2 };
}

/** Whether a coordinate is on the surface or at its edge; what is not known is not. */
function isNear(value: number): boolean {
  return value >= -BEYOND && value <= 1 + BEYOND;
}

function within(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
