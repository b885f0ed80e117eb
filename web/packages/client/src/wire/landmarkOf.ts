import { type HandName, handNames, type PoseName, poseNames } from "../model/generated";
import type { Landmark } from "./Landmark";
import type { Hand, Pose } from "./TrackedFrame";

/** The landmark of this name: of a pose such as `left_wrist`, of a hand such as `index_tip`. */
export function landmarkOf<Part extends Pose | Hand>(
  part: Part,
  name: Part extends Pose ? PoseName : HandName,
): Landmark {
  const of: Pose | Hand = part;
  const visibility = "visibility" in of ? of.visibility : null;
  const names: readonly string[] = visibility ? poseNames : handNames;
  const index = names.indexOf(name);
  const place = (flat: Float32Array) => ({
    x: flat[3 * index],
    y: flat[3 * index + 1],
    z: flat[3 * index + 2],
  });
  return { ...place(of.image), world: place(of.world), ...(visibility && { visibility: visibility[index] }) };
}
