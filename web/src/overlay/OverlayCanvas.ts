import type { AllSettings } from "mocast-client";

/** A canvas that overlays are drawn on: its context and size, and the settings that say how. */
export interface OverlayCanvas {
  readonly context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly settings: AllSettings;
  /** Whose landmarks are drawn: each person has colours of their own; without it, the first one's. */
  readonly person?: number;
}
