import type { VRM } from "@pixiv/three-vrm";
import { Box3, Vector3 } from "three";
import type { Framing } from "./Framing";
import type { Shot } from "./Shot";

/** How much is shown above the head's joint at most, relative to its height over the hips: tall hats and ears are cut off. */
const MAX_CROWN = 0.75;

/** The shot for a framing, measured by the bones of the avatar's rest pose, whatever its size. */
export function frameAvatar(vrm: VRM, framing: Framing): Shot {
  vrm.scene.updateWorldMatrix(true, true);
  const hips = place(vrm, "hips");
  const head = place(vrm, "head");
  const trunk = head.y - hips.y;
  const box = new Box3().setFromObject(vrm.scene);
  const top = Math.min(box.max.y, head.y + trunk * MAX_CROWN);
  const crown = top - head.y;
  switch (framing) {
    case "face":
      return shot(head, head.y - crown * 0.55, top + crown * 0.2, crown * 1.5);
    case "bust":
      return shot(head, hips.y + trunk * 0.2, top + crown * 0.3, trunk * 1.1);
    case "full":
      return shot(hips, Math.min(box.min.y, 0) - trunk * 0.1, top + crown * 0.25, trunk * 1.6);
  }
}

/** The height of an avatar's head over its hips, metres, in the rest pose. */
export function trunkOf(vrm: VRM): number {
  return place(vrm, "head").y - place(vrm, "hips").y;
}

function shot({ x, z }: Vector3, low: number, high: number, width: number): Shot {
  return { x, y: (low + high) / 2, z, height: high - low, width };
}

function place(vrm: VRM, name: "hips" | "head"): Vector3 {
  return vrm.humanoid.getNormalizedBoneNode(name)!.getWorldPosition(new Vector3());
}
