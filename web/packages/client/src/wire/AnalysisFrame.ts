import type { AngleName, PairName } from "../model/generated";

/**
 * What the motion of one person means in one frame (docs/analysis.md), named as in the JSON form of docs/wire-format.md. What
 * cannot be told is `null`. A newer server may have more parts.
 */
export interface AnalysisFrame {
  /** Counts the frames that the server received, modulo 2³². */
  readonly frame: number;
  /** The frame's RTP timestamp, 90 kHz, modulo 2³². */
  readonly pts: number;
  /** Whose analysis it is, 0..15; the first person that is tracked is 0. */
  readonly person: number;
  /** From decoded to analysed. */
  readonly delay_ms: number;
  /** `null` while no body is seen. */
  readonly angles: Readonly<Record<AngleName, JointAngle>> | null;
  readonly symmetry: Readonly<Record<PairName, Symmetry>> | null;
  /** Of each exercise in the setting `exercises`. */
  readonly repetitions: readonly ExerciseState[];
  /** To the session's reference; `null` without one, or while no limb of it is seen. */
  readonly similarity: Similarity | null;
  /** Whether somebody has been seen for a while. */
  readonly present: boolean;
  /** `null` while it is not seen. */
  readonly left_hand: HandGesture | null;
  readonly right_hand: HandGesture | null;
  /** How far both pinching hands have come apart: 2 for twice as far as where the second one began to pinch. */
  readonly zoom: number | null;
  readonly head: HeadState | null;
  readonly posture: Posture | null;
  /** What happened in this frame. */
  readonly events: readonly MotionEvent[];
}

/** A joint's angle; left and right are the subject's. */
export interface JointAngle {
  readonly degrees: number | null;
  readonly speed_deg_s: number | null;
  /** The error to expect in this view: an estimate. */
  readonly error_deg: number | null;
  /** Whether the joint is seen, in a view in which its angle can be told well. */
  readonly faces_camera: boolean;
  /** The range of motion since the session began. */
  readonly lowest_deg: number | null;
  readonly highest_deg: number | null;
}

/** How alike both sides of the body move. */
export interface Symmetry {
  /** The left angle less the right one. */
  readonly difference_deg: number | null;
  /** The difference of both ranges of motion, of their mean; above 0 where the left one is larger. */
  readonly range_percent: number | null;
}

/** An exercise that is counted: where the body is in it, and what was counted so far. */
export interface ExerciseState {
  readonly exercise: string;
  /** Not at its start yet, at its start, on the way to its end, at its end, on the way back; or held. */
  readonly phase: "waiting" | "start" | "out" | "end" | "back" | "held";
  /** 0 at the start, 1 at the end of a repetition; below and above are possible. */
  readonly progress: number;
  /** Repetitions, or times that it was held for long enough. */
  readonly count: number;
  /** Repetitions that turned back before the end, which do not count. */
  readonly partial: number;
  /** For how long it is held now, or was the last time; 0 where repetitions are counted. */
  readonly seconds: number;
  readonly last: Repetition | null;
}

/** One repetition, or one time that an exercise was held. */
export interface Repetition {
  readonly exercise: string;
  /** Which one it is, from 1 on. */
  readonly count: number;
  readonly side: "left" | "right" | "both";
  /** How far it went: 1 is the exercise's end, more is deeper. */
  readonly depth: number;
  /** The same in degrees, lengths of the trunk or as a share; `null` where it was held. */
  readonly reached: number | null;
  /** Seconds on the way out, at the end and on the way back. */
  readonly out_s: number;
  readonly hold_s: number;
  readonly back_s: number;
  /** What might be better: a name for apps, and a sentence for people; empty: nothing. */
  readonly hint: string;
  readonly advice: string;
}

/** How alike the body is to a reference: 0 to 100, for the whole and each limb that is seen in both. */
export interface Similarity {
  readonly score: number;
  readonly limbs: Readonly<
    Partial<Record<"torso" | "head" | "left_arm" | "right_arm" | "left_leg" | "right_leg", number>>
  >;
  /** Of a reference motion: where in it the person is, 0..1. */
  readonly progress?: number;
  /** Its score since it began; `null` before. */
  readonly so_far?: number | null;
  /** How often it was done to its end; the score of the last time, and how many times as fast that was. */
  readonly count?: number;
  readonly last?: number | null;
  readonly tempo?: number | null;
}

/** What a hand shows. */
export interface HandGesture {
  /** `open`, `fist`, `point`, `victory`, `thumb_up`, `thumb_down`, `ok`, `rock`, `call`, `pinch` or an own one's name. */
  readonly gesture: string | null;
  /** How sure that is, 0..1: an estimate. */
  readonly confidence: number;
  /** How strongly thumb and index finger pinch: 0 apart, 1 touching. */
  readonly pinch: number;
  /** The hand's shape in 26 numbers, where the setting `hand_features` asks for it: for gestures of one's own. */
  readonly features: readonly number[] | null;
}

/** What a head does: all of it is estimated. */
export interface HeadState {
  readonly gesture: "nod" | "shake" | null;
  /** Where it faces, degrees: to the subject's left, and up. */
  readonly yaw_deg: number;
  readonly pitch_deg: number;
  /** Where the eyes look, the head's turn among it. */
  readonly gaze_yaw_deg: number;
  readonly gaze_pitch_deg: number;
  readonly gaze_off_screen: boolean;
  /** Over the last minute; `null` in the first ten seconds of a face. */
  readonly blinks_per_minute: number | null;
  /** The share of the last minute in which the eyes were shut, 0..1. */
  readonly perclos: number | null;
  readonly yawning: boolean;
  /** 0..1: an estimate, no medical measure and no safety device. */
  readonly drowsiness: number;
}

/** How somebody sits or stands: all of it is estimated. */
export interface Posture {
  /** Compared with the person's own best; `null` before that is known. */
  readonly posture: "upright" | "forward_head" | "slouch" | null;
  /** From the vertical, forward: from the shoulders to the ears, and from the hips to the shoulders. */
  readonly neck_forward_deg: number;
  readonly trunk_forward_deg: number | null;
  /** The ears' height above the shoulders, in distances between the shoulders. */
  readonly neck_height: number;
}

/** What happened to a person. */
export interface MotionEvent {
  /** `gesture`, `rep`, `posture`, `hands_lost`, `person_lost`, `fall`, `head`, `drowsy` or `motion`; a newer server may have more. */
  readonly type: string;
  /** The RTP timestamp of the frame in which it was noticed. */
  readonly pts: number;
  /** When it was noticed: ISO 8601, UTC. */
  readonly at: string;
  readonly person: number;
  /** What is special to its type: docs/analysis.md. */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}
