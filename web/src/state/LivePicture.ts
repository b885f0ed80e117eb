import {
  type AllSettings,
  FrameHistory,
  type Publisher,
  type Statistics,
  type TrackedFrame,
} from "mocast-client";
import { FramePeople } from "./FramePeople";
import { HudAnalysis } from "./HudAnalysis";
import { type Drawer, OwnPicture } from "./OwnPicture";
import type { PresentedFrame } from "./PresentedFrame";
import { Store } from "./Store";

interface LivePictureSources {
  readonly publisher: Store<Publisher | null>;
  readonly settings: Store<AllSettings>;
  readonly statistics: Store<Statistics | null>;
  /** Another one is to draw the person's own picture from now on. */
  onDrawer(): void;
}

/** The session's picture and landmarks, and which of them are on the screen. */
export class LivePicture {
  /** The person's own picture, and who draws it. */
  readonly own: OwnPicture;
  /** The server's picture, which may be paused. */
  readonly stream = new Store<MediaStream | null>(null);
  /** The last landmarks of the first person. */
  readonly frames = new FrameHistory();
  presented: PresentedFrame | null = null;
  /** From the start (of the page's own work, after the camera was allowed) to the first annotated picture. */
  firstMs: number | null = null;
  private startedAtMs = 0;
  private readonly people = new FramePeople((frame, others) => this.own.push(frame, others));
  private readonly hud: HudAnalysis;

  constructor(
    drawer: Drawer | null,
    private readonly sources: LivePictureSources,
  ) {
    const { publisher, settings } = sources;
    this.own = new OwnPicture(drawer, {
      settings: () => settings.value,
      hudText: (ageMs) => this.hudText(ageMs),
      onShown: (frame) => this.onShown({ rtpTimestamp: frame?.pts ?? null, mediaTime: 0, frame }),
      onDrawer: () => sources.onDrawer(),
    });
    this.hud = new HudAnalysis(publisher);
    settings.watch(() => this.hud.update(this.own.isDrawnHere, settings.value));
  }

  /** The session starts. */
  start(): void {
    this.startedAtMs = performance.now();
    this.firstMs = null;
  }

  addLandmarks(frame: TrackedFrame): void {
    // The cards show one person, the first.
    if (frame.person === 0) this.frames.add(frame);
    this.people.add(frame, this.sources.settings.value.people > 1);
  }

  /** The view reports that it shows a picture of the server's stream. */
  present(rtpTimestamp: number | null, mediaTime: number): void {
    // A stream that ends shows a last, black picture.
    if (this.stream.value?.active !== true) return;
    if (!this.own.presentReturned(rtpTimestamp)) return;
    const frame = rtpTimestamp === null ? this.frames.latest : this.frames.find(rtpTimestamp);
    this.onShown({ rtpTimestamp, mediaTime, frame });
  }

  /** The connection is over. */
  clear(): void {
    this.stream.set(null);
    this.own.clear();
    this.frames.clear();
    this.people.clear();
    this.presented = null;
  }

  private onShown(presented: PresentedFrame): void {
    this.presented = presented;
    this.firstMs ??= performance.now() - this.startedAtMs;
  }

  /** What the server, too, writes into its picture; `null`: nothing. `ageMs`: of this page's picture. */
  private hudText(ageMs: number): string | null {
    const settings = this.sources.settings.value;
    const statistics = this.sources.statistics.value;
    if (!settings.hud || !statistics) return null;
    const texts = [
      `${statistics.fps_tracked.toFixed(1)} fps`,
      `tracking ${statistics.tracking_ms.toFixed(0)} ms`,
      `delay ${ageMs.toFixed(0)} ms`,
      ...(this.people.count > 1 ? [`people ${this.people.count}`] : []),
      ...this.hud.texts(settings),
    ];
    return texts.join("   ");
  }
}
