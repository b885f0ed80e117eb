import type { Face, Hand, Pose, TrackedFrame } from "./TrackedFrame";

interface JsonFrame {
  frame: number;
  pts: number;
  /** Missing in recordings of earlier servers. */
  person?: number;
  width: number;
  height: number;
  mirrored: boolean;
  tracking_ms: number;
  delay_ms: number;
  pose: { image: number[][]; world: number[][]; visibility: number[] } | null;
  face: { image: number[][] } | null;
  left_hand: JsonHand | null;
  right_hand: JsonHand | null;
}

interface JsonHand {
  image: number[][];
  world: number[][];
  score: number;
}

/** Reads a message of the sub-protocol `mocast.landmarks.v1+json`; `null` for one of another version. */
export function parseJsonFrame(text: string): TrackedFrame | null {
  const json = JSON.parse(text) as JsonFrame & { version: number };
  if (json.version !== 1) return null;
  return {
    frame: json.frame,
    pts: json.pts,
    person: json.person ?? 0,
    width: json.width,
    height: json.height,
    mirrored: json.mirrored,
    trackingMs: json.tracking_ms,
    delayMs: json.delay_ms,
    isComplete: true,
    pose: json.pose && pose(json.pose),
    face: json.face && face(json.face),
    leftHand: json.left_hand && hand(json.left_hand),
    rightHand: json.right_hand && hand(json.right_hand),
  };
}

function pose(json: NonNullable<JsonFrame["pose"]>): Pose {
  return {
    image: flat(json.image),
    world: flat(json.world),
    visibility: Float32Array.from(json.visibility),
  };
}

function face(json: NonNullable<JsonFrame["face"]>): Face {
  return { image: flat(json.image) };
}

function hand(json: JsonHand): Hand {
  return { image: flat(json.image), world: flat(json.world), score: json.score, isSure: true };
}

function flat(landmarks: number[][]): Float32Array {
  return Float32Array.from(landmarks.flat());
}
