import type { AllSettings, TrackedFrame } from "mocast-client";
import { drawHud } from "./drawHud";
import { FREE_ROWS } from "./freeRows";
import type { OverlayCanvas } from "./OverlayCanvas";
import { overlays } from "./overlays";

/** The brightness that background `dim` leaves. */
const DIM = 0.35;

/** Draws a picture and its landmarks on a canvas, as the server's renderer does: background, overlays, mirror, text. */
export class PicturePainter {
  /** Where overlays are drawn that are then laid over the picture in part; made when it is first needed. */
  private layer: OffscreenCanvasRenderingContext2D | null = null;

  constructor(private readonly context: CanvasRenderingContext2D) {}

  /** `hud`: the text on the top rows; `null` for none. `others`: more people in the picture. */
  paint(
    picture: CanvasImageSource,
    frame: TrackedFrame | null,
    settings: AllSettings,
    hud: string | null = null,
    others: readonly TrackedFrame[] = [],
  ): void {
    const { context } = this;
    const { width, height } = context.canvas;
    const canvas: OverlayCanvas = { context, width, height, settings };
    context.save();
    if (settings.mirror) context.setTransform(-1, 0, 0, 1, width, 0);
    layBackground(canvas, picture);
    if (frame && settings.opacity > 0) this.drawOverlays(canvas, [frame, ...others]);
    context.restore();
    if (hud) drawHud(canvas, hud);
  }

  private drawOverlays(canvas: OverlayCanvas, people: readonly TrackedFrame[]): void {
    const { context, width, height, settings } = canvas;
    const isWhole = settings.opacity === 1;
    const target = isWhole ? context : this.layerOf(width, height);
    target.save();
    target.beginPath();
    target.rect(0, FREE_ROWS, width, height);
    target.clip();
    for (const frame of people)
      for (const name of settings.overlay)
        overlays[name]?.({ ...canvas, context: target, person: frame.person }, frame);
    target.restore();
    if (isWhole) return;
    context.globalAlpha = settings.opacity;
    context.drawImage(target.canvas, 0, 0);
    context.globalAlpha = 1;
  }

  private layerOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
    const canvas = this.layer?.canvas;
    if (this.layer && canvas?.width === width && canvas.height === height) {
      this.layer.clearRect(0, 0, width, height);
      return this.layer;
    }
    this.layer = new OffscreenCanvas(width, height).getContext("2d");
    if (!this.layer) throw new Error("this browser has no 2-D canvas");
    return this.layer;
  }
}

function layBackground(
  { context, width, height, settings }: OverlayCanvas,
  picture: CanvasImageSource,
): void {
  if (settings.background !== "black") context.drawImage(picture, 0, 0, width, height);
  if (settings.background === "video") return;
  context.fillStyle = settings.background === "dim" ? `rgb(0 0 0 / ${1 - DIM})` : "#000";
  context.fillRect(0, 0, width, height);
}
