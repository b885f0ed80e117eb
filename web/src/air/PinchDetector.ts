/** Below, the fingers have closed: a pinch ratio (`pinchRatio`). */
const CLOSE_BELOW = 0.28;
/** Above, they have opened again; between the two nothing changes, so that a ratio that trembles clicks once. */
const OPEN_ABOVE = 0.42;
/** Fingers that have just opened cannot close on purpose again within this time. */
const REST_S = 0.08;

/** Whether thumb and index finger are pinched, with hysteresis. */
export class PinchDetector {
  private closed = false;
  private openedAtS = Number.NEGATIVE_INFINITY;

  get isClosed(): boolean {
    return this.closed;
  }

  /** Take the pinch ratio at the time `nowS`; returns whether the fingers closed just now. NaN changes nothing. */
  update(ratio: number, nowS: number): boolean {
    if (this.closed && ratio > OPEN_ABOVE) {
      this.closed = false;
      this.openedAtS = nowS;
    } else if (!this.closed && ratio < CLOSE_BELOW && nowS - this.openedAtS >= REST_S) {
      this.closed = true;
      return true;
    }
    return false;
  }

  /** The hand is gone: whatever it held is let go. */
  reset(): void {
    this.closed = false;
    this.openedAtS = Number.NEGATIVE_INFINITY;
  }
}
