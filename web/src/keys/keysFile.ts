import type { KeptPose } from "../avatar/KeptPose";
import { usablePoses } from "../storage/storedPoses";
import type { KeyTargets } from "./MidiKeys";
import { type PoseKeys, poseKeys } from "./PoseShelf";

const TYPE = "mocast-keys";
const VERSION = 1;
const KEY = /^(note|control) \d{1,2} \d{1,3}$/;
const TARGET = /^(expression|pose) [0-8]$/;

/** Poses, and keys for them and for expressions, as one browser hands them to another. */
export interface KeysFile {
  readonly poses: readonly KeptPose[];
  readonly poseKeys: PoseKeys;
  /** `isOn`: whether MIDI is used. */
  readonly midi: { readonly isOn: boolean; readonly targets: KeyTargets };
}

/** The file's text. */
export function writeKeys(keys: KeysFile): string {
  return JSON.stringify({ type: TYPE, version: VERSION, ...keys });
}

/** What such a text holds. Throws an `Error` of one sentence where it holds something else. */
export function readKeys(text: string): KeysFile {
  const file = parse(text);
  if (file?.type !== TYPE) throw new Error("This file holds no poses and keys.");
  if (file.version !== VERSION) throw new Error("These poses and keys are of another version.");
  const targets = Object.entries(file.midi?.targets ?? {}).filter(
    ([key, target]) => KEY.test(key) && TARGET.test(String(target)),
  );
  return {
    poses: usablePoses(file.poses),
    poseKeys: poseKeys.find((keys) => keys === file.poseKeys) ?? "toggle",
    midi: { isOn: file.midi?.isOn === true, targets: Object.fromEntries(targets) as KeyTargets },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: it is what a stranger's file holds.
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
