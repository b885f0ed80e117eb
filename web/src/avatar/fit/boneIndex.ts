import { rigNames } from "mocast-client";

/** A bone's index in a rig, by its name in VRM; -1 for a name that none has. */
export function boneIndex(name: string): number {
  return (rigNames.bones as readonly string[]).indexOf(name);
}
