/** The landmarks' names and bones: the same indices as the server's `mocast.model.topology`. */
const POSE_NAMES =
  "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer left_ear right_ear " +
  "mouth_left mouth_right left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_pinky " +
  "right_pinky left_index right_index left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle " +
  "right_ankle left_heel right_heel left_foot_index right_foot_index";
const HAND_NAMES =
  "wrist thumb_cmc thumb_mcp thumb_ip thumb_tip index_mcp index_pip index_dip index_tip middle_mcp middle_pip " +
  "middle_dip middle_tip ring_mcp ring_pip ring_dip ring_tip little_mcp little_pip little_dip little_tip";

/** Pairs of landmarks, back to back, from a walk along them. */
function chain(...landmarks: number[]): number[] {
  return landmarks.slice(1).flatMap((landmark, at) => [landmarks[at], landmark]);
}

export const topology = {
  POSE_COUNT: 33,
  HAND_COUNT: 21,
  FACE_COUNT: 478,

  NOSE: 0,
  LEFT_EYE_OUTER: 3,
  RIGHT_EYE_OUTER: 6,
  LEFT_EAR: 7,
  RIGHT_EAR: 8,
  MOUTH_LEFT: 9,
  MOUTH_RIGHT: 10,
  LEFT_SHOULDER: 11,
  RIGHT_SHOULDER: 12,
  LEFT_WRIST: 15,
  RIGHT_WRIST: 16,
  /** Of the face mesh: the tip of the nose, the eyes' outer corners and the mouth's, the subject's left first. */
  FACE_NOSE: 1,
  FACE_LEFT_EYE_OUTER: 263,
  FACE_RIGHT_EYE_OUTER: 33,
  FACE_MOUTH_LEFT: 291,
  FACE_MOUTH_RIGHT: 61,

  poseNames: POSE_NAMES.split(" "),
  handNames: HAND_NAMES.split(" "),

  /** By part of the body, as flat pairs. The fingers that the pose guesses are left out of the arms' bones. */
  poseBones: {
    head: [...chain(8, 6, 5, 4, 0), ...chain(0, 1, 2, 3, 7), ...chain(9, 10)],
    torso: chain(11, 12, 24, 23, 11),
    leftArm: chain(11, 13, 15),
    rightArm: chain(12, 14, 16),
    leftPalm: [...chain(15, 17, 19, 15), ...chain(15, 21)],
    rightPalm: [...chain(16, 18, 20, 16), ...chain(16, 22)],
    leftLeg: chain(23, 25, 27, 29, 31, 27),
    rightLeg: chain(24, 26, 28, 30, 32, 28),
  },

  /** By finger, as flat pairs. */
  handBones: {
    palm: chain(0, 5, 9, 13, 17, 0),
    thumb: chain(0, 1, 2, 3, 4),
    index: chain(5, 6, 7, 8),
    middle: chain(9, 10, 11, 12),
    ring: chain(13, 14, 15, 16),
    little: chain(17, 18, 19, 20),
  },
} as const;
