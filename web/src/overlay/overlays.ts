import type { Overlay, TrackedFrame } from "mocast-client";
import { classic } from "./classic";
import { contours } from "./contours";
import { limbs } from "./limbs";
import { mesh } from "./mesh";
import type { OverlayCanvas } from "./OverlayCanvas";
import { rainbow } from "./rainbow";

/** The overlays by name; each draws as the server's of the same name (`server/mocast/rendering/`). */
export const overlays: Record<Overlay[number], (canvas: OverlayCanvas, frame: TrackedFrame) => void> = {
  classic,
  limbs,
  rainbow,
  mesh,
  contours,
};
