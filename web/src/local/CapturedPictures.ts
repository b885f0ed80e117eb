/** A picture of the camera that waits for its landmarks. */
interface CapturedPicture {
  /** In microseconds: `VideoFrame.timestamp`. */
  readonly timestamp: number;
  readonly image: OffscreenCanvas;
}

/** At 30 fps half a second, above what landmarks take on all but the worst links. */
const CAPACITY = 16;
/** Microseconds: each reader of a track gets its times rounded to 0.1 ms by itself. */
const SAME = 1000;
/** Pixels. The server's pictures are no larger either: it costs time and shows nothing more. */
const MAX_SIDE = 1280;

/**
 * The camera's last pictures until their landmarks come, oldest first. Each is copied, so that the camera, which has few
 * buffers, gets its own back at once; when all places are taken, the oldest picture makes way.
 */
export class CapturedPictures {
  private readonly pictures: CapturedPicture[] = [];
  private readonly free: OffscreenCanvas[] = [];

  /** Copy a picture, and return the copy; the caller closes the picture. */
  add(picture: VideoFrame): OffscreenCanvas {
    if (this.pictures.length >= CAPACITY) this.drop(1);
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.displayWidth, picture.displayHeight));
    const width = Math.round(picture.displayWidth * scale);
    const height = Math.round(picture.displayHeight * scale);
    const image = this.free.pop() ?? new OffscreenCanvas(width, height);
    if (image.width !== width || image.height !== height) Object.assign(image, { width, height });
    image.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0, width, height);
    this.pictures.push({ timestamp: picture.timestamp, image });
    return image;
  }

  /** The picture of this timestamp; those before it are dropped. `null` where it is not there. */
  take(timestamp: number): CapturedPicture | null {
    const at = this.pictures.findIndex((picture) => Math.abs(picture.timestamp - timestamp) < SAME);
    if (at < 0) return null;
    this.drop(at);
    return this.pictures[0];
  }

  clear(): void {
    this.pictures.length = 0;
    this.free.length = 0;
  }

  private drop(count: number): void {
    for (const { image } of this.pictures.splice(0, count)) this.free.push(image);
  }
}
