import type { AllSettings, TrackedFrame } from "mocast-client";
import { PicturePainter } from "../overlay/PicturePainter";
import { CapturedPictures } from "./CapturedPictures";
import type { MatchMessage } from "./matchPictures.worker";
import type { SentPicture } from "./SentPicture";
import { SentPictures } from "./SentPictures";

/** How long the picture stands still for landmarks that do not come, before it goes on without. */
const WAIT_MS = 700;
/** Where for so long, and of so many landmarks, none had a picture, this browser does not tell enough. */
const [UNMATCHED_MS, UNMATCHED_LIMIT] = [3000, 90];

export interface LocalPictureHandlers {
  settings(): AllSettings;
  /** The text on the top rows of the picture; `null`: none is wanted. `ageMs`: since the camera's picture. */
  hudText(ageMs: number): string | null;
  /** A picture was drawn; without `frame` where its landmarks did not come in time. */
  onShown(frame: TrackedFrame | null, ageMs: number): void;
  /** Landmarks cannot be matched with pictures here. */
  onUnable(): void;
}

/**
 * The camera's own picture with its landmarks, drawn by this page: each picture waits until the landmarks that the server
 * found in it are there. Where they do not come, the picture goes on without.
 */
export class LocalPicture {
  private readonly worker = new Worker(new URL("./matchPictures.worker.ts", import.meta.url), {
    type: "module",
  });
  private readonly pictures = new CapturedPictures();
  private readonly sent = new SentPictures();
  private readonly painters = new Map<HTMLCanvasElement, PicturePainter>();
  private reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  /** The RTP timestamp of `pts` 0; `null` until the server has told it. */
  private origin: number | null = null;
  private matchedAtMs = 0;
  private unmatched = 0;
  /** When the first of them came. A page that was busy gets many at once. */
  private unmatchedSinceMs = 0;

  constructor(private readonly handlers: LocalPictureHandlers) {
    this.worker.addEventListener("message", ({ data }: MessageEvent<SentPicture[]>) => this.sent.add(data));
  }

  /** What the camera's sender needs, in each connection anew. */
  transform(): RTCRtpScriptTransform {
    this.sent.clear();
    this.origin = null;
    return new RTCRtpScriptTransform(this.worker);
  }

  /** The RTP timestamp of `pts` 0, as the server tells it in each connection. */
  setOrigin(rtp: number): void {
    this.origin = rtp;
  }

  /** Draw on this canvas, too, while it can be seen; returns the function that ends it. */
  attach(canvas: HTMLCanvasElement): () => void {
    const context = canvas.getContext("2d", { alpha: false });
    if (context) this.painters.set(canvas, new PicturePainter(context));
    return () => this.painters.delete(canvas);
  }

  /** Draw this camera's pictures from now on; `null`: none. */
  setTrack(track: MediaStreamTrack | null): void {
    this.pictures.clear();
    this.sent.clear();
    this.unmatched = 0;
    // Landmarks are on their way: the first picture waits for them, too.
    this.matchedAtMs = nowMs();
    this.reader = track && new MediaStreamTrackProcessor({ track }).readable.getReader();
    this.tell({ pictures: track && new MediaStreamTrackProcessor({ track }).readable });
    if (this.reader) void this.read(this.reader);
  }

  /** Draw the picture that these landmarks were found in; `others`: of more people. */
  push(frame: TrackedFrame, others: readonly TrackedFrame[] = []): void {
    if (!this.reader || this.origin === null) return;
    const sent = this.sent.find(frame.pts + this.origin);
    const picture = sent && this.pictures.take(sent.timestamp);
    if (picture) {
      this.unmatched = 0;
      this.matchedAtMs = nowMs();
      this.paint(picture.image, sent.capturedAtMs, frame, others);
    } else {
      if (this.unmatched === 0) this.unmatchedSinceMs = nowMs();
      this.unmatched += 1;
      if (this.unmatched >= UNMATCHED_LIMIT && nowMs() - this.unmatchedSinceMs > UNMATCHED_MS)
        this.handlers.onUnable();
    }
  }

  /** How long ago the camera's picture of this `pts` came; `null` where that is not known any more. */
  ageMs(pts: number): number | null {
    const sent = this.origin === null ? null : this.sent.find(pts + this.origin);
    return sent && nowMs() - sent.capturedAtMs;
  }

  /** How long the camera's pictures take to be encoded on average, as the browser counts it. */
  setEncodeMs(encodeMs: number): void {
    this.tell({ encodeMs });
  }

  dispose(): void {
    this.setTrack(null);
    this.painters.clear();
    this.worker.terminate();
  }

  private async read(reader: ReadableStreamDefaultReader<VideoFrame>): Promise<void> {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      if (reader === this.reader) this.take(value);
      value.close();
      // Right after a picture was taken none waits, which nobody would close.
      if (reader !== this.reader) return reader.cancel();
    }
  }

  private take(picture: VideoFrame): void {
    const image = this.pictures.add(picture);
    const atMs = nowMs();
    if (atMs - this.matchedAtMs > WAIT_MS) this.paint(image, atMs, null);
  }

  private tell(message: MatchMessage): void {
    this.worker.postMessage(message, "pictures" in message && message.pictures ? [message.pictures] : []);
  }

  private paint(
    image: OffscreenCanvas,
    atMs: number,
    frame: TrackedFrame | null,
    others: readonly TrackedFrame[] = [],
  ): void {
    const { handlers } = this;
    const ageMs = nowMs() - atMs;
    const hud = handlers.hudText(ageMs);
    const settings = handlers.settings();
    for (const [canvas, painter] of this.painters) {
      if (document.hidden || !canvas.checkVisibility()) continue;
      if (canvas.width !== image.width || canvas.height !== image.height)
        Object.assign(canvas, { width: image.width, height: image.height });
      painter.paint(image, frame, settings, hud, others);
    }
    handlers.onShown(frame, ageMs);
  }
}

/** On the clock that the worker has, too. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
