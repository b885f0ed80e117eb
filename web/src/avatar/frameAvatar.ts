import type { Vector3 } from "three";
import type { Framing } from "./Framing";
import type { Stature } from "./measureStature";
import type { Shot } from "./Shot";

/** How much is shown above the head's joint at most, relative to its height over the hips: tall hats and ears are cut off. */
const MAX_CROWN = 0.75;

/** The shot of an avatar for a framing, whatever its size. */
export function frameAvatar({ hips, head, bottomY, topY }: Stature, framing: Framing): Shot {
  const trunk = head.y - hips.y;
  const top = Math.min(topY, head.y + trunk * MAX_CROWN);
  const crown = top - head.y;
  switch (framing) {
    case "face":
      return shot(head, head.y - crown * 0.55, top + crown * 0.2, crown * 1.5);
    case "bust":
      return shot(head, hips.y + trunk * 0.2, top + crown * 0.3, trunk * 1.1);
    case "full":
      return shot(hips, Math.min(bottomY, 0) - trunk * 0.1, top + crown * 0.25, trunk * 1.6);
  }
}

function shot({ x, z }: Vector3, low: number, high: number, width: number): Shot {
  return { x, y: (low + high) / 2, z, height: high - low, width };
}
