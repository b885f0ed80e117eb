import { faceCount, handBones, handNames, irises, type PoseName, poseBones, poseNames } from "./generated";

/** A landmark of the pose by its name. */
const pose = (name: PoseName) => poseNames.indexOf(name);

/** Where an arm's bones end and its palm's begin: shoulder, elbow, wrist, as flat pairs. */
const ARM = 4;

/** The landmarks' indices, names and bones, as `generated.ts` has them from the server. */
export const topology = {
  POSE_COUNT: poseNames.length,
  HAND_COUNT: handNames.length,
  FACE_COUNT: faceCount,

  NOSE: pose("nose"),
  LEFT_EYE_OUTER: pose("left_eye_outer"),
  RIGHT_EYE_OUTER: pose("right_eye_outer"),
  LEFT_EAR: pose("left_ear"),
  RIGHT_EAR: pose("right_ear"),
  MOUTH_LEFT: pose("mouth_left"),
  MOUTH_RIGHT: pose("mouth_right"),
  LEFT_SHOULDER: pose("left_shoulder"),
  RIGHT_SHOULDER: pose("right_shoulder"),
  LEFT_WRIST: pose("left_wrist"),
  RIGHT_WRIST: pose("right_wrist"),
  LEFT_HIP: pose("left_hip"),
  RIGHT_HIP: pose("right_hip"),
  /** The three landmarks of each of the pose's hands. */
  LEFT_FINGERS: (["left_pinky", "left_index", "left_thumb"] as const).map(pose),
  RIGHT_FINGERS: (["right_pinky", "right_index", "right_thumb"] as const).map(pose),
  /** Of the face mesh: the tip of the nose, the eyes' outer corners and the mouth's, the subject's left first. */
  FACE_NOSE: 1,
  FACE_LEFT_EYE_OUTER: 263,
  FACE_RIGHT_EYE_OUTER: 33,
  FACE_MOUTH_LEFT: 291,
  FACE_MOUTH_RIGHT: 61,

  poseNames,
  handNames,
  /** The centre of each iris, then four points around it. */
  irises,

  /** By part of the body, as flat pairs. The palms that the pose guesses are apart from the arms. */
  poseBones: {
    head: poseBones.face,
    torso: poseBones.torso,
    leftArm: poseBones.left_arm.slice(0, ARM),
    rightArm: poseBones.right_arm.slice(0, ARM),
    leftPalm: poseBones.left_arm.slice(ARM),
    rightPalm: poseBones.right_arm.slice(ARM),
    leftLeg: poseBones.left_leg,
    rightLeg: poseBones.right_leg,
  },
  /** By finger, as flat pairs. */
  handBones,
};
