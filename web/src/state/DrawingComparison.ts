import { storage } from "../storage/storage";
import { percentile } from "./percentile";
import { Store } from "./Store";

/** What it saves that the page draws. */
export interface Saving {
  /** How much earlier the picture is on the screen. */
  readonly ms: number;
  /** What the server's picture would take of the link. */
  readonly kbps: number;
}

/** Seconds after the beginning, when the link and the trackers have settled, until the server's picture is asked for... */
const BEGIN_AT = 5;
/** ...until it is measured, as its bitrate settles first... */
const MEASURE_AT = 7;
/** ...and until enough was. */
const END_AT = 10;

/**
 * Measures once on a device, for five seconds of its first session, what it saves that the page draws: the server's picture
 * comes back meanwhile, too, and is not shown.
 */
export class DrawingComparison {
  readonly saving = new Store<Saving | null>(storage.load<Saving>("saved-by-drawing"));
  private seconds = 0;
  private drawn: number[] = [];
  private returned: number[] = [];
  private kbps: number[] = [];

  /** Whether the server's picture is wanted for the comparison. */
  get isRunning(): boolean {
    return this.seconds >= BEGIN_AT && this.seconds < END_AT;
  }

  /** A picture was drawn by this page, so long after the camera's. */
  addDrawn(ageMs: number): void {
    if (this.isMeasuring) this.drawn.push(ageMs);
  }

  /** A picture of the server came, so long after the camera's. */
  addReturned(ageMs: number): void {
    if (this.isMeasuring) this.returned.push(ageMs);
  }

  /** A second of the page's drawing has passed. `receivedKbps`: of the server's picture. Returns whether it begins or ends. */
  tick(receivedKbps: number): boolean {
    if (this.saving.value && !this.isRunning) return false;
    if (this.isMeasuring) this.kbps.push(receivedKbps);
    this.seconds += 1;
    if (this.seconds === END_AT) this.conclude();
    return this.seconds === BEGIN_AT || this.seconds === END_AT;
  }

  /** Begin anew: the session has ended, or the server draws. */
  reset(): void {
    this.seconds = 0;
    for (const values of [this.drawn, this.returned, this.kbps]) values.length = 0;
  }

  private get isMeasuring(): boolean {
    return this.seconds >= MEASURE_AT && this.seconds < END_AT;
  }

  private conclude(): void {
    const [drawn, returned] = [percentile(this.drawn, 0.5), percentile(this.returned, 0.5)];
    const kbps = percentile(this.kbps, 0.5);
    if (drawn === null || returned === null || kbps === null) return;
    const saving = { ms: returned - drawn, kbps };
    storage.save("saved-by-drawing", saving);
    this.saving.set(saving);
  }
}
