import { rigNames } from "mocast-client";
import type { AvatarPose } from "./AvatarPose";

/** A calm adult's: 14 breaths a minute. */
const BREATH_HZ = 14 / 60;
/** Between two blinks: people blink every 3 to 5 seconds, never evenly. */
const BLINK_EVERY_S = [2.2, 5.5] as const;
const CLOSING_S = 0.07;
const OPENING_S = 0.13;

const DEG = Math.PI / 180;
const BLINK_LEFT = rigNames.expressions.indexOf("blinkLeft");
const BLINK_RIGHT = rigNames.expressions.indexOf("blinkRight");
const EYE_BLINK_LEFT = rigNames.shapes.indexOf("eyeBlinkLeft");
const EYE_BLINK_RIGHT = rigNames.shapes.indexOf("eyeBlinkRight");

const at = (name: string) => rigNames.bones.indexOf(name) * 4;
const [HIPS, SPINE, CHEST, NECK, HEAD] = ["hips", "spine", "chest", "neck", "head"].map(at);
const SIDES = (["left", "right"] as const).map((side) => ({
  /** Turns of the one side are those of the other seen in a mirror: about Y and Z the other way. */
  sign: side === "left" ? 1 : -1,
  shoulder: at(`${side}Shoulder`),
  upperArm: at(`${side}UpperArm`),
  lowerArm: at(`${side}LowerArm`),
  hand: at(`${side}Hand`),
  fingers: ["Index", "Middle", "Ring", "Little"].flatMap((finger) =>
    ["Proximal", "Intermediate", "Distal"].map((joint) => at(`${side}${finger}${joint}`)),
  ),
  thumb: ["Metacarpal", "Proximal", "Distal"].map((joint) => at(`${side}Thumb${joint}`)),
}));

/** The idle animation: arms down, breathing, swaying a little, blinking. */
export class IdleMotion {
  private nextBlinkS = 1.5;
  private blinkBeganS = Number.NEGATIVE_INFINITY;

  /** `random`: 0..1, for the times between blinks. */
  constructor(private readonly random: () => number = Math.random) {}

  /** Write the pose of this moment, in seconds of any clock that runs forward. */
  pose(timeS: number, into: AvatarPose): void {
    const { rotations } = into;
    const breath = Math.sin(timeS * BREATH_HZ * 2 * Math.PI);
    into.hips[0] = 0.004 * wave(timeS, 0.11, 0);
    into.hips[1] = 0.9 + 0.0015 * breath;
    into.hips[2] = 0;
    rotate(rotations, HIPS, 0, 0.6 * wave(timeS, 0.07, 1), 0.5 * wave(timeS, 0.11, 0));
    rotate(rotations, SPINE, -0.4 * breath, 0, -0.5 * wave(timeS, 0.11, 0));
    rotate(rotations, CHEST, -0.9 * breath, 0, 0);
    rotate(rotations, NECK, 0.5 * breath, 0.9 * wave(timeS, 0.09, 2), 0.5 * wave(timeS, 0.06, 4));
    rotate(rotations, HEAD, 1 + wave(timeS, 0.08, 3), 1.6 * wave(timeS, 0.05, 5), 0.7 * wave(timeS, 0.06, 4));
    for (let i = 0; i < SIDES.length; i += 1) poseArm(rotations, SIDES[i], breath);
    into.shapes.fill(0);
    into.expressions.fill(0);
    into.gazeDeg[0] = into.gazeDeg[1] = 0;
    const closed = this.blink(timeS);
    into.expressions[BLINK_LEFT] = into.expressions[BLINK_RIGHT] = closed;
    into.shapes[EYE_BLINK_LEFT] = into.shapes[EYE_BLINK_RIGHT] = closed;
  }

  private blink(timeS: number): number {
    if (timeS >= this.nextBlinkS) {
      this.blinkBeganS = timeS;
      this.nextBlinkS = timeS + BLINK_EVERY_S[0] + (BLINK_EVERY_S[1] - BLINK_EVERY_S[0]) * this.random();
    }
    const since = timeS - this.blinkBeganS;
    if (since < CLOSING_S) return since / CLOSING_S;
    return Math.max(0, 1 - (since - CLOSING_S) / OPENING_S);
  }
}

/** Two sines of an irrational ratio, within -1..1: less regular than one. */
function wave(timeS: number, hz: number, phase: number): number {
  const turn = timeS * hz * 2 * Math.PI + phase;
  return 0.65 * Math.sin(turn) + 0.35 * Math.sin(turn * 1.618 + phase);
}

/** From the T-pose: down beside the body, a little bent, the fingers loose. */
function poseArm(rotations: Float32Array, side: (typeof SIDES)[number], breath: number): void {
  const { sign } = side;
  rotate(rotations, side.shoulder, 0, 0, sign * (-2 + 0.8 * breath));
  rotate(rotations, side.upperArm, 4, sign * -6, sign * -70);
  rotate(rotations, side.lowerArm, 0, sign * -14, 0);
  rotate(rotations, side.hand, 0, 0, sign * -4);
  for (let i = 0; i < side.fingers.length; i += 1) rotate(rotations, side.fingers[i], 0, 0, sign * -14);
  for (let i = 0; i < side.thumb.length; i += 1) rotate(rotations, side.thumb[i], 0, sign * 8, 0);
}

/** Degrees about X, then Y, then Z of the parent's axes. */
function rotate(rotations: Float32Array, first: number, xDeg: number, yDeg: number, zDeg: number): void {
  const cx = Math.cos((xDeg * DEG) / 2);
  const sx = Math.sin((xDeg * DEG) / 2);
  const cy = Math.cos((yDeg * DEG) / 2);
  const sy = Math.sin((yDeg * DEG) / 2);
  const cz = Math.cos((zDeg * DEG) / 2);
  const sz = Math.sin((zDeg * DEG) / 2);
  rotations[first] = cz * cy * sx - sz * sy * cx;
  rotations[first + 1] = cz * sy * cx + sz * cy * sx;
  rotations[first + 2] = sz * cy * cx - cz * sy * sx;
  rotations[first + 3] = cz * cy * cx + sz * sy * sx;
}
