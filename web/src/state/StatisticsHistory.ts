import type { LinkStatistics, Statistics } from "mocast-client";
import { Series } from "./Series";
import { Store } from "./Store";

/** The statistics of the last minute, one value a second, for plots. */
export class StatisticsHistory {
  readonly fpsIn = new Series();
  readonly fpsOut = new Series();
  /** From the camera's picture to the annotated one: encoder, network, server, network, and decoder where it comes back. */
  readonly roundTripMs = new Series();
  readonly trackingMs = new Series();
  /** Frames that the server left out, per second. */
  readonly drops = new Series();
  readonly link = new Store<LinkStatistics | null>(null);
  /** Grows with each change, for the view to watch. */
  readonly revision = new Store(0);
  private droppedBefore: number | null = null;

  /** `drawn`: the pictures that this page drew, where it does. */
  add(
    statistics: Statistics,
    link: LinkStatistics | null,
    drawn: { readonly fps: number; readonly ageMs: number } | null,
  ): void {
    this.fpsIn.add(statistics.fps_in);
    this.fpsOut.add(drawn?.fps ?? link?.fpsShown ?? statistics.fps_out);
    if (drawn) this.roundTripMs.add(drawn.ageMs);
    else if (link) this.roundTripMs.add(link.linkMs + statistics.delay_ms);
    this.trackingMs.add(statistics.tracking_ms);
    this.drops.add(
      Math.max(0, statistics.frames_dropped - (this.droppedBefore ?? statistics.frames_dropped)),
    );
    this.droppedBefore = statistics.frames_dropped;
    this.link.set(link);
    this.revision.update((count) => count + 1);
  }

  clear(): void {
    for (const series of [this.fpsIn, this.fpsOut, this.roundTripMs, this.trackingMs, this.drops])
      series.clear();
    this.droppedBefore = null;
    this.link.set(null);
    this.revision.update((count) => count + 1);
  }
}
