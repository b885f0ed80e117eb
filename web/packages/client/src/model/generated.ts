// Written by scripts/web_types.py from the server's model: change that, and run the script again.

/** The landmarks of a pose. */
export const poseNames = [
  "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
  "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow",
  "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index",
  "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
  "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index",
] as const;

/** The name of a pose's landmark. */
export type PoseName = (typeof poseNames)[number];

/** The landmarks of a hand. */
export const handNames = [
  "wrist", "thumb_cmc", "thumb_mcp", "thumb_ip", "thumb_tip", "index_mcp", "index_pip", "index_dip",
  "index_tip", "middle_mcp", "middle_pip", "middle_dip", "middle_tip", "ring_mcp", "ring_pip", "ring_dip",
  "ring_tip", "little_mcp", "little_pip", "little_dip", "little_tip",
] as const;

/** The name of a hand's landmark. */
export type HandName = (typeof handNames)[number];

/** The colours of the overlays. */
export const overlayColours = {
  white: 0xffffff,
  shade: 0x181a20,
  red: 0xeb2828,
  leftArm: 0xffb020,
  leftLeg: 0xe26410,
  rightArm: 0x54beff,
  rightLeg: 0x2074d6,
  torso: 0xeceef2,
  head: 0xbee2a0,
  thumb: 0xffd600,
  index: 0xaa46f0,
  middle: 0x00d6f0,
  ring: 0x28c850,
  little: 0xf43232,
  lips: 0xff6e82,
  faceLine: 0xe4e8f0,
  mesh: 0xd6f0f4,
  iris: 0x78ffdc,
  person1: 0xf064c8,
  person2: 0x3cdc8c,
  person3: 0xfae646,
} as const;

/** How many landmarks a face has. */
export const faceCount: number = 478;

/** The landmarks of each iris: its centre, then four points around it. */
export const irises = {
  left: [473, 474, 475, 476, 477],
  right: [468, 469, 470, 471, 472],
} as const;

/** The bones of a pose by part of the body, as flat pairs of landmarks. */
export const poseBones = {
  face: [8, 6, 6, 5, 5, 4, 4, 0, 0, 1, 1, 2, 2, 3, 3, 7, 9, 10],
  torso: [11, 12, 12, 24, 24, 23, 23, 11],
  left_arm: [11, 13, 13, 15, 15, 17, 17, 19, 19, 15, 15, 21],
  right_arm: [12, 14, 14, 16, 16, 18, 18, 20, 20, 16, 16, 22],
  left_leg: [23, 25, 25, 27, 27, 29, 29, 31, 31, 27],
  right_leg: [24, 26, 26, 28, 28, 30, 30, 32, 32, 28],
} as const;

/** The bones of a hand by finger, as flat pairs of landmarks. */
export const handBones = {
  palm: [0, 5, 5, 9, 9, 13, 13, 17, 17, 0],
  thumb: [0, 1, 1, 2, 2, 3, 3, 4],
  index: [5, 6, 6, 7, 7, 8],
  middle: [9, 10, 10, 11, 11, 12],
  ring: [13, 14, 14, 15, 15, 16],
  little: [17, 18, 18, 19, 19, 20],
} as const;

/** VRM 1.0's humanoid bones, ARKit's blend shapes and VRM 1.0's preset expressions that the rig estimates. */
export const rigNames: Record<"bones" | "shapes" | "expressions", readonly string[]> = {
  bones: [
    "hips", "spine", "chest", "upperChest", "neck", "head", "leftEye", "rightEye", "jaw", "leftUpperLeg",
    "leftLowerLeg", "leftFoot", "leftToes", "rightUpperLeg", "rightLowerLeg", "rightFoot", "rightToes",
    "leftShoulder", "leftUpperArm", "leftLowerArm", "leftHand", "rightShoulder", "rightUpperArm",
    "rightLowerArm", "rightHand", "leftThumbMetacarpal", "leftThumbProximal", "leftThumbDistal",
    "leftIndexProximal", "leftIndexIntermediate", "leftIndexDistal", "leftMiddleProximal",
    "leftMiddleIntermediate", "leftMiddleDistal", "leftRingProximal", "leftRingIntermediate",
    "leftRingDistal", "leftLittleProximal", "leftLittleIntermediate", "leftLittleDistal",
    "rightThumbMetacarpal", "rightThumbProximal", "rightThumbDistal", "rightIndexProximal",
    "rightIndexIntermediate", "rightIndexDistal", "rightMiddleProximal", "rightMiddleIntermediate",
    "rightMiddleDistal", "rightRingProximal", "rightRingIntermediate", "rightRingDistal",
    "rightLittleProximal", "rightLittleIntermediate", "rightLittleDistal",
  ],
  shapes: [
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft",
    "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft",
    "noseSneerRight", "tongueOut",
  ],
  expressions: [
    "happy", "angry", "sad", "relaxed", "surprised", "aa", "ih", "ou", "ee", "oh", "blinkLeft", "blinkRight",
  ],
};

/** The index of each bone's parent; -1 for the hips. */
export const boneParents: readonly number[] = [
  -1, 0, 1, 2, 3, 4, 5, 5, 5, 0, 9, 10, 11, 0, 13, 14, 15, 3, 17, 18, 19, 3, 21, 22, 23, 20, 25, 26, 20, 28,
  29, 20, 31, 32, 20, 34, 35, 20, 37, 38, 24, 40, 41, 24, 43, 44, 24, 46, 47, 24, 49, 50, 24, 52, 53,
];

/** The joint angles of an analysis, and those that the body has a left and a right one of. */
export const analysisNames = {
  angles: [
    "left_elbow", "right_elbow", "left_shoulder_flexion", "right_shoulder_flexion", "left_shoulder_abduction",
    "right_shoulder_abduction", "left_wrist", "right_wrist", "left_hip_flexion", "right_hip_flexion",
    "left_hip_abduction", "right_hip_abduction", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "neck", "trunk_lean", "trunk_side_lean", "trunk_twist",
  ],
  pairs: [
    "elbow", "shoulder_flexion", "shoulder_abduction", "wrist", "hip_flexion", "hip_abduction", "knee",
    "ankle",
  ],
} as const;

/** The name of a joint angle. */
export type AngleName = (typeof analysisNames)["angles"][number];

/** The name of a pair of them. */
export type PairName = (typeof analysisNames)["pairs"][number];
