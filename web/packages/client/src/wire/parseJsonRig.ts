import { rigNames } from "../model/generated";
import type { HandTargets } from "./HandTargets";
import type { RigFrame } from "./RigFrame";

interface JsonRig {
  type: string;
  version: number;
  frame: number;
  pts: number;
  /** Missing in recordings of earlier servers. */
  person?: number;
  delay_ms: number;
  found: { body: boolean; face: boolean; left_hand: boolean; right_hand: boolean; half_body: boolean };
  hips: number[];
  rotations: Record<string, number[]>;
  shapes: Record<string, number>;
  expressions: Record<string, number>;
  gaze: { yaw_deg: number; pitch_deg: number };
  head: { position: number[]; rotation: number[] } | null;
  /** Missing in recordings of earlier servers, as are the hands' targets. */
  planted?: { left_foot: boolean; right_foot: boolean };
  hand_targets?: Record<"left_hand" | "right_hand", JsonHandTarget>;
}

interface JsonHandTarget {
  offsets: Record<string, number[]>;
  nearness: Record<string, number>;
  touching: Record<string, number>;
}

const HANDS = ["left_hand", "right_hand"] as const;
const ANCHORS = ["head", "chest", "hips", "other_hand"];
const TOUCH_POINTS = ["wrist", "knuckle", "thumb_tip", "index_tip", "middle_tip"];

/** Reads a message of the sub-protocol `mocast.rig.v1+json` into `rig`; `false`, and nothing read, for any other. */
export function parseJsonRig(text: string, rig: RigFrame): boolean {
  const json = JSON.parse(text) as JsonRig;
  if (json.type !== "rig" || json.version !== 1) return false;
  rig.frame = json.frame;
  rig.pts = json.pts;
  rig.person = json.person ?? 0;
  rig.delayMs = json.delay_ms;
  rig.found.body = json.found.body;
  rig.found.face = json.found.face;
  rig.found.leftHand = json.found.left_hand;
  rig.found.rightHand = json.found.right_hand;
  rig.found.halfBody = json.found.half_body;
  rig.hips.set(json.hips);
  rigNames.bones.forEach((name, bone) => {
    rig.rotations.set(json.rotations[name], bone * 4);
  });
  readWeights(json.shapes, rigNames.shapes, rig.shapes);
  readWeights(json.expressions, rigNames.expressions, rig.expressions);
  rig.gazeDeg[0] = json.gaze.yaw_deg;
  rig.gazeDeg[1] = json.gaze.pitch_deg;
  rig.hasHead = json.head !== null;
  if (json.head) {
    rig.head.position.set(json.head.position);
    rig.head.rotation.set(json.head.rotation);
  }
  rig.planted.left = json.planted?.left_foot ?? false;
  rig.planted.right = json.planted?.right_foot ?? false;
  rig.handTargets.nearness.fill(0);
  HANDS.forEach((hand, side) => {
    const target = json.hand_targets?.[hand];
    if (target) readTarget(target, rig.handTargets, side);
  });
  return true;
}

function readTarget(json: JsonHandTarget, into: HandTargets, side: number): void {
  ANCHORS.forEach((anchor, i) => {
    into.offsets.set(json.offsets[anchor], (side * ANCHORS.length + i) * 3);
  });
  readWeights(json.nearness, ANCHORS, into.nearness.subarray(side * 4, side * 4 + 4));
  readWeights(json.touching, TOUCH_POINTS, into.touching.subarray(side * 5, side * 5 + 5));
}

function readWeights(json: Record<string, number>, names: readonly string[], into: Float32Array): void {
  names.forEach((name, i) => {
    into[i] = json[name];
  });
}
