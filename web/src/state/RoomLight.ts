import { roomColour } from "./roomColour";
import { Store } from "./Store";

const EVERY_MS = 500;
/** Of the way to the newest picture's colour, each time: a car's lights that pass do not flash on the avatar. */
const STEP = 0.3;
/** A change that nobody sees is not told. */
const LEAST = 0.012;
const WIDTH = 16;
const HEIGHT = 12;
const WHITE = "#ffffff";

/** The colour of the light in the camera's picture. */
export class RoomLight {
  /** As `#rrggbb`; white while nothing is watched. */
  readonly colour = new Store(WHITE);
  private readonly video = document.createElement("video");
  private readonly canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  private timer: ReturnType<typeof setInterval> | undefined;
  private now: readonly number[] | null = null;
  private told: readonly number[] = [];

  /** Follow the picture of a stream, until `stop`. */
  watch(stream: MediaStream): void {
    this.stop();
    this.video.muted = true;
    this.video.srcObject = stream;
    void this.video.play().catch(() => undefined);
    this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.video.srcObject = null;
    this.now = null;
    this.told = [];
    this.colour.set(WHITE);
  }

  private look(): void {
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!context || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    context.drawImage(this.video, 0, 0, WIDTH, HEIGHT);
    const newest = roomColour(context.getImageData(0, 0, WIDTH, HEIGHT).data, WIDTH, HEIGHT);
    const before = this.now;
    this.now = before ? newest.map((value, c) => before[c] + STEP * (value - before[c])) : newest;
    if (this.now.every((value, c) => Math.abs(value - this.told[c]) < LEAST)) return;
    this.told = this.now;
    this.colour.set(hex(this.now));
  }
}

function hex(colour: readonly number[]): string {
  return `#${colour
    .map((value) =>
      Math.round(value * 255)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}
