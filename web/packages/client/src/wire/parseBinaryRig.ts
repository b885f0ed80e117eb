import { rigNames } from "../model/generated";
import type { RigFrame } from "./RigFrame";

/** Version 1 of the binary message: docs/wire-format.md. */
const VERSION = 1;
const LENGTH = 428;
/** Only in the message of another person than 0, which is one byte longer: the index. */
const PERSON_AT = LENGTH;

const BODY = 1;
const FACE = 2;
const LEFT_HAND = 4;
const RIGHT_HAND = 8;
const HALF_BODY = 16;
const HEAD = 32;

const HIPS_AT = 12;
const HEAD_POSITION_AT = 18;
const GAZE_AT = 24;
const ROTATIONS_AT = 28;
const HEAD_ROTATION_AT = ROTATIONS_AT + rigNames.bones.length * 6;
const EXPRESSIONS_AT = HEAD_ROTATION_AT + 6;
const SHAPES_AT = EXPRESSIONS_AT + rigNames.expressions.length;

const METRE = 8192;
const DEGREE = 100;
const MIDDLE = 16384;
/** All components of a unit quaternion but the largest lie within 1/√2 of 0: 15 bits each, 0 in the middle. */
const STEPS = (MIDDLE - 1) * Math.SQRT2;

/** Reads a message of the sub-protocol `mocast.rig.v1+binary` into `rig`; `false`, and nothing read, for any other. */
export function parseBinaryRig(message: ArrayBuffer, rig: RigFrame): boolean {
  const hasPerson = message.byteLength === LENGTH + 1;
  if (message.byteLength !== LENGTH && !hasPerson) return false;
  const view = new DataView(message);
  if (view.getUint8(0) !== VERSION) return false;
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
  rig.person = hasPerson ? view.getUint8(PERSON_AT) : 0;
  readSigned(view, HIPS_AT, METRE, rig.hips);
  readSigned(view, HEAD_POSITION_AT, METRE, rig.head.position);
  readSigned(view, GAZE_AT, DEGREE, rig.gazeDeg);
  for (let bone = 0; bone < rigNames.bones.length; bone += 1) {
    readRotation(view, ROTATIONS_AT + bone * 6, rig.rotations, bone * 4);
  }
  readRotation(view, HEAD_ROTATION_AT, rig.head.rotation, 0);
  readWeights(view, EXPRESSIONS_AT, rig.expressions);
  readWeights(view, SHAPES_AT, rig.shapes);
  return true;
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
