import { percentile } from "./percentile";
import { Series } from "./Series";
import { Store } from "./Store";

/** Ten seconds of rigs. */
const SAMPLES = 300;
const READ_EVERY_MS = 1000;

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

export interface DelayFigures {
  /** From the camera's picture to its rig, in milliseconds. */
  readonly toRig: Percentiles;
  /** From the camera's picture to the avatar that is drawn of it. */
  readonly toScreen: Percentiles;
}

/** How late the avatar is, over the last ten seconds. */
export class AvatarDelay {
  /** `null` where this browser does not tell which picture of the camera a rig is of. */
  readonly figures = new Store<DelayFigures | null>(null);
  private readonly toRig = new Series(SAMPLES);
  private readonly toScreen = new Series(SAMPLES);
  private readAtMs = Number.NEGATIVE_INFINITY;

  /** A rig came. `rigAgeMs`: since its picture; `shownAgeMs`: since the picture that the avatar was last drawn of. */
  add(rigAgeMs: number, shownAgeMs: number | null, nowMs: number): void {
    this.toRig.add(rigAgeMs);
    if (shownAgeMs !== null) this.toScreen.add(shownAgeMs);
    if (nowMs - this.readAtMs < READ_EVERY_MS) return;
    this.readAtMs = nowMs;
    const [toRig, toScreen] = [percentilesOf(this.toRig), percentilesOf(this.toScreen)];
    if (toRig && toScreen) this.figures.set({ toRig, toScreen });
  }

  clear(): void {
    this.toRig.clear();
    this.toScreen.clear();
    this.figures.set(null);
  }
}

function percentilesOf(series: Series): Percentiles | null {
  const [p50, p95] = [percentile(series.all, 0.5), percentile(series.all, 0.95)];
  return p50 === null || p95 === null ? null : { p50, p95 };
}
