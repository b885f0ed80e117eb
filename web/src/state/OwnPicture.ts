import type { AllSettings, TrackedFrame } from "mocast-client";
import { canDrawHere } from "../local/canDrawHere";
import type { LocalPicture, LocalPictureHandlers } from "../local/LocalPicture";
import { storage } from "../storage/storage";
import { DrawingComparison } from "./DrawingComparison";
import { percentile } from "./percentile";
import { Store } from "./Store";

/** Who draws: this page, over the camera's own picture, or the server, which sends its picture back. */
export type Drawer = "here" | "server";

interface OwnPictureHandlers extends Pick<LocalPictureHandlers, "settings" | "hudText"> {
  onShown(frame: TrackedFrame | null): void;
  /** Another one is to draw from now on. */
  onDrawer(): void;
}

/** The picture that the person sees of themselves: who draws it, and, where this page does, how. */
export class OwnPicture {
  /** Whom the person wants. */
  readonly wanted: Store<Drawer>;
  /** Whose picture is on the screen; `null`: none yet. */
  readonly shown = new Store<Drawer | null>(null);
  /** Whether this browser can draw in step. */
  readonly isAble = new Store(canDrawHere());
  readonly comparison = new DrawingComparison();
  private local: LocalPicture | null = null;
  private readonly canvases = new Map<HTMLCanvasElement, () => void>();
  private stream: MediaStream | null = null;
  private isDrawing = false;
  /** Of the pictures since the last `read`. */
  private ages: number[] = [];
  private readAtMs = 0;

  constructor(
    asked: Drawer | null,
    private readonly handlers: OwnPictureHandlers,
  ) {
    this.wanted = new Store(asked ?? storage.load<Drawer>("draw") ?? (this.isAble.value ? "here" : "server"));
  }

  /** The setting `return` that goes with these settings: covered faces and predicted landmarks are the server's to draw. */
  returns({ privacy, pace } = this.handlers.settings()): AllSettings["return"] {
    return this.wanted.value === "server" || privacy !== "off" || pace === "smooth" ? "video" : "none";
  }

  /** Whether this page draws at present, or is about to. */
  get isDrawnHere(): boolean {
    return this.isAble.value && this.returns() === "none";
  }

  choose(drawer: Drawer): void {
    if (drawer === this.wanted.value) return;
    storage.save("draw", drawer);
    this.wanted.set(drawer);
    this.handlers.onDrawer();
  }

  /** Load what draws, where this browser can. To be awaited before the connection is made. */
  async prepare(): Promise<void> {
    if (!this.isAble.value || this.local) return;
    const { LocalPicture } = await import("../local/LocalPicture").catch(() => ({ LocalPicture: null }));
    if (!LocalPicture) return this.giveUp();
    // Another start has loaded it meanwhile.
    if (this.local) return;
    this.local = new LocalPicture({
      settings: () => this.handlers.settings(),
      hudText: (ageMs) => this.handlers.hudText(ageMs),
      onShown: (frame, ageMs) => this.onShown(frame, ageMs),
      onUnable: () => this.giveUp(),
    });
    for (const canvas of this.canvases.keys()) this.canvases.set(canvas, this.local.attach(canvas));
  }

  /** What the camera's sender needs in the next connection; `null`: nothing. */
  transform(): RTCRtpScriptTransform | null {
    return this.local?.transform() ?? null;
  }

  /** The server tells which RTP timestamp is `pts` 0. */
  setOrigin(rtp: number): void {
    this.local?.setOrigin(rtp);
  }

  /** Draw on this canvas, too; returns the function that ends it. */
  attach(canvas: HTMLCanvasElement): () => void {
    this.canvases.set(canvas, this.local?.attach(canvas) ?? (() => undefined));
    return () => {
      this.canvases.get(canvas)?.();
      this.canvases.delete(canvas);
    };
  }

  /** The camera's pictures; `null`: there are none. */
  setStream(stream: MediaStream | null): void {
    this.stream = stream;
    this.isDrawing = false;
    if (!stream) this.local?.setTrack(null);
    this.update();
  }

  /** Begin to draw where it is this page's turn; it ends when the server's picture is there. */
  update(): void {
    if (!this.isDrawnHere || !this.stream || this.isDrawing) return;
    this.isDrawing = true;
    this.local?.setTrack(this.stream.getVideoTracks()[0]);
  }

  /** How long ago the camera's picture of this `pts` came; `null` where this page does not know. */
  ageMs(pts: number): number | null {
    return this.local?.ageMs(pts) ?? null;
  }

  /** How long the browser takes to encode a picture, on average. */
  setEncodeMs(encodeMs: number): void {
    this.local?.setEncodeMs(encodeMs);
  }

  push(frame: TrackedFrame, others: readonly TrackedFrame[]): void {
    this.local?.push(frame, others);
  }

  /** The server's picture of this `pts` is on the screen, or would be; returns whether it is the one to show. */
  presentReturned(pts: number | null): boolean {
    if (this.isDrawnHere) {
      const ageMs = pts === null ? null : this.local?.ageMs(pts);
      if (ageMs) this.comparison.addReturned(ageMs);
      return false;
    }
    this.shown.set("server");
    if (this.isDrawing) this.local?.setTrack(null);
    this.isDrawing = false;
    return true;
  }

  /** Frames per second and the age of pictures since the last reading; `null` where the server draws. */
  read(): { readonly fps: number; readonly ageMs: number } | null {
    const { ages, readAtMs } = this;
    this.ages = [];
    this.readAtMs = performance.now();
    const ageMs = percentile(ages, 0.5);
    if (this.shown.value !== "here" || ageMs === null) return null;
    return { fps: (1000 * ages.length) / (this.readAtMs - readAtMs), ageMs };
  }

  /** The connection is over: nothing is shown until the next one's first picture. */
  clear(): void {
    this.shown.set(null);
    this.comparison.reset();
    this.ages = [];
    this.readAtMs = performance.now();
  }

  private onShown(frame: TrackedFrame | null, ageMs: number): void {
    if (!this.isDrawnHere) return;
    if (frame) {
      this.ages.push(ageMs);
      this.comparison.addDrawn(ageMs);
    }
    // The camera's bare picture is shown by the page until the first landmarks come.
    if (!frame && this.shown.value === null) return;
    this.handlers.onShown(frame);
    this.shown.set("here");
  }

  private giveUp(): void {
    this.isAble.set(false);
    this.local?.setTrack(null);
    this.isDrawing = false;
    this.wanted.set("server");
    this.handlers.onDrawer();
  }
}
