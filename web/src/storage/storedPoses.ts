import type { KeptPose } from "../avatar/KeptPose";
import { storage } from "./storage";

const NUMBERS = 55 * 4;

/** The poses that this browser keeps. */
export const storedPoses = {
  load(): KeptPose[] {
    return usablePoses(storage.load("poses"));
  },

  save(poses: readonly KeptPose[]): void {
    storage.save("poses", poses);
  },
};

/** The poses in what was stored or written to a file, without what is none. */
export function usablePoses(found: unknown): KeptPose[] {
  return Array.isArray(found) ? found.filter(isUsable) : [];
}

/** Whether it is what this version keeps. */
function isUsable(pose: KeptPose | null): boolean {
  return (
    typeof pose?.name === "string" &&
    (pose.part === "arms" || pose.part === "body") &&
    Array.isArray(pose.rotations) &&
    pose.rotations.length === NUMBERS &&
    pose.rotations.every(Number.isFinite)
  );
}
