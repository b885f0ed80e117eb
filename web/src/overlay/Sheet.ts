import type { AllSettings } from "mocast-client";

/** What is drawn on: a picture, with the settings that say how. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly settings: AllSettings;
}
