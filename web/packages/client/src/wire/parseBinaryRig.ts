import { rigNames } from "../model/generated";
import type { RigFrame } from "./RigFrame";

/** The binary message: docs/wire-format.md. In version 1 only another person's has the index, and one byte more. */
const LENGTH_1 = 428;
const PERSON_AT = LENGTH_1;
/** Version 2; messages of later servers may be longer. */
const LENGTH = 496;

const BODY = 1;
const FACE = 2;
const LEFT_HAND = 4;
const RIGHT_HAND = 8;
const HALF_BODY = 16;
const HEAD = 32;
const LEFT_FOOT = 64;
const RIGHT_FOOT = 128;

const HIPS_AT = 12;
const HEAD_POSITION_AT = 18;
const GAZE_AT = 24;
const ROTATIONS_AT = 28;
const HEAD_ROTATION_AT = ROTATIONS_AT + rigNames.bones.length * 6;
const EXPRESSIONS_AT = HEAD_ROTATION_AT + 6;
const SHAPES_AT = EXPRESSIONS_AT + rigNames.expressions.length;
const OFFSETS_AT = PERSON_AT + 2;
const NEARNESS_AT = OFFSETS_AT + 48;
const TOUCHING_AT = NEARNESS_AT + 8;

const METRE = 8192;
const DEGREE = 100;
const SIZE = 4096;
const MIDDLE = 16384;
/** All components of a unit quaternion but the largest lie within 1/√2 of 0: 15 bits each, 0 in the middle. */
const STEPS = (MIDDLE - 1) * Math.SQRT2;

/** Reads a message of `mocast.rig.v2+binary` or `mocast.rig.v1+binary` into `rig`; `false`, and nothing read, for any other. */
export function parseBinaryRig(message: ArrayBuffer, rig: RigFrame): boolean {
  const view = new DataView(message);
  const version = versionOf(view);
  if (version === 0) return false;
  const flags = view.getUint8(1);
  rig.found.body = (flags & BODY) !== 0;
  rig.found.face = (flags & FACE) !== 0;
  rig.found.leftHand = (flags & LEFT_HAND) !== 0;
  rig.found.rightHand = (flags & RIGHT_HAND) !== 0;
  rig.found.halfBody = (flags & HALF_BODY) !== 0;
  rig.hasHead = (flags & HEAD) !== 0;
  rig.delayMs = view.getUint16(2, true);
  rig.frame = view.getUint32(4, true);
  rig.pts = view.getUint32(8, true);
  rig.person = message.byteLength > PERSON_AT ? view.getUint8(PERSON_AT) : 0;
  readSigned(view, HIPS_AT, METRE, rig.hips);
  readSigned(view, HEAD_POSITION_AT, METRE, rig.head.position);
  readSigned(view, GAZE_AT, DEGREE, rig.gazeDeg);
  for (let bone = 0; bone < rigNames.bones.length; bone += 1) {
    readRotation(view, ROTATIONS_AT + bone * 6, rig.rotations, bone * 4);
  }
  readRotation(view, HEAD_ROTATION_AT, rig.head.rotation, 0);
  readWeights(view, EXPRESSIONS_AT, rig.expressions);
  readWeights(view, SHAPES_AT, rig.shapes);
  rig.planted.left = version > 1 && (flags & LEFT_FOOT) !== 0;
  rig.planted.right = version > 1 && (flags & RIGHT_FOOT) !== 0;
  if (version > 1) {
    readSigned(view, OFFSETS_AT, SIZE, rig.handTargets.offsets);
    readWeights(view, NEARNESS_AT, rig.handTargets.nearness);
    readWeights(view, TOUCHING_AT, rig.handTargets.touching);
  } else {
    rig.handTargets.nearness.fill(0);
  }
  return true;
}

/** 1 or 2; 0 for a message of another version, or of a length that its version does not have. */
function versionOf(view: DataView): 0 | 1 | 2 {
  if (view.byteLength >= LENGTH && view.getUint8(0) === 2) return 2;
  const isFirst = view.byteLength === LENGTH_1 || view.byteLength === LENGTH_1 + 1;
  return isFirst && view.getUint8(0) === 1 ? 1 : 0;
}

function readSigned(view: DataView, at: number, unit: number, into: Float32Array): void {
  for (let i = 0; i < into.length; i += 1) into[i] = view.getInt16(at + i * 2, true) / unit;
}

function readWeights(view: DataView, at: number, into: Float32Array): void {
  for (let i = 0; i < into.length; i += 1) into[i] = view.getUint8(at + i) / 255;
}

function readRotation(view: DataView, at: number, into: Float32Array, first: number): void {
  const largest = ((view.getUint16(at, true) >> 15) << 1) | (view.getUint16(at + 2, true) >> 15);
  let rest = 1;
  let word = at;
  for (let component = 0; component < 4; component += 1) {
    if (component === largest) continue;
    const value = ((view.getUint16(word, true) & 0x7fff) - MIDDLE) / STEPS;
    into[first + component] = value;
    rest -= value * value;
    word += 2;
  }
  into[first + largest] = Math.sqrt(Math.max(rest, 0));
}
