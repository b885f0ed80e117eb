import { isDrawnInSoftware } from "./isDrawnInSoftware";

/** Drawn by the processor: larger canvases are drawn with so many pixels, and enlarged. */
const PLAIN_PIXELS = 480 * 360;

/** How finely a scene is drawn. */
export interface SceneQuality {
  /** Whether shading, outlines, smooth edges and fine detail are left out: see `simplifyMaterials`. */
  readonly isPlain: boolean;
  /** At most so many pixels for one of the layout, and so many in all. */
  readonly maxPixelRatio: number;
  readonly maxPixels: number;
}

/** `auto`: plain where the processor must draw. */
export function sceneQuality(quality: "auto" | "full" | "plain", maxPixelRatio: number): SceneQuality {
  const isPlain = quality === "plain" || (quality === "auto" && isDrawnInSoftware());
  return { isPlain, maxPixelRatio, maxPixels: isPlain ? PLAIN_PIXELS : Number.POSITIVE_INFINITY };
}
