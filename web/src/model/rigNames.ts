/** What the numbers of a rig are, in the order in which they travel: docs/wire-format.md. */
export const rigNames = {
  /** The humanoid bones of VRM 1.0; left and right are the subject's. */
  bones: words(`
    hips spine chest upperChest neck head leftEye rightEye jaw leftUpperLeg leftLowerLeg leftFoot leftToes
    rightUpperLeg rightLowerLeg rightFoot rightToes leftShoulder leftUpperArm leftLowerArm leftHand
    rightShoulder rightUpperArm rightLowerArm rightHand leftThumbMetacarpal leftThumbProximal
    leftThumbDistal leftIndexProximal leftIndexIntermediate leftIndexDistal leftMiddleProximal
    leftMiddleIntermediate leftMiddleDistal leftRingProximal leftRingIntermediate leftRingDistal
    leftLittleProximal leftLittleIntermediate leftLittleDistal rightThumbMetacarpal rightThumbProximal
    rightThumbDistal rightIndexProximal rightIndexIntermediate rightIndexDistal rightMiddleProximal
    rightMiddleIntermediate rightMiddleDistal rightRingProximal rightRingIntermediate rightRingDistal
    rightLittleProximal rightLittleIntermediate rightLittleDistal
  `),

  /** ARKit's blend shapes. */
  shapes: words(`
    browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
    cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft
    eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight
    eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight
    mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight
    mouthPressLeft mouthPressRight mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower
    mouthShrugUpper mouthSmileLeft mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft
    mouthUpperUpRight noseSneerLeft noseSneerRight tongueOut
  `),

  /** The preset expressions of VRM 1.0 that the rig estimates. */
  expressions: words(`
    happy angry sad relaxed surprised aa ih ou ee oh blinkLeft blinkRight
  `),
} as const;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
