import type { VRM } from "@pixiv/three-vrm";
import { Box3, Vector3 } from "three";

/** Where an avatar's parts are in its rest pose, metres. */
export interface Stature {
  readonly hips: Vector3;
  readonly head: Vector3;
  /** The lowest and the highest point of its mesh. */
  readonly bottomY: number;
  readonly topY: number;
}

/** Measure an avatar, which is in its rest pose. */
export function measureStature(vrm: VRM): Stature {
  vrm.scene.updateWorldMatrix(true, true);
  const { min, max } = new Box3().setFromObject(vrm.scene);
  return { hips: place(vrm, "hips"), head: place(vrm, "head"), bottomY: min.y, topY: max.y };
}

function place(vrm: VRM, name: "hips" | "head"): Vector3 {
  return vrm.humanoid.getNormalizedBoneNode(name)!.getWorldPosition(new Vector3());
}
